// 과제.

export const MISSIONS = {};
