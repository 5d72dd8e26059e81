// NumPy의 난수를 다시 만듭니다: new Generator(seed)가 np.random.default_rng(seed)와 같은 수를 같은 차례로 냅니다.
// SeedSequence가 시드를 섞고, PCG64(XSL-RR)가 64비트씩 뽑고, 그 비트를 균등분포, 정규분포(지구라트), 정수로 바꿉니다.

// ── SeedSequence: 시드의 32비트 낱말들을 낱말 네 개의 풀에 섞고, 그 풀에서 초기 상태를 냅니다(O'Neill의 seed_seq).

const POOL = 4;

function words(seed) {
  const all = [];
  for (let rest = BigInt(seed); rest > 0n; rest >>= 32n) all.push(Number(rest & 0xffffffffn));
  return all.length ? all : [0];
}

function hasher(constant, multiplier) {
  return (value) => {
    value ^= constant;
    constant = Math.imul(constant, multiplier);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
}

function mix(x, y) {
  const mixed = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715);
  return mixed ^ ((mixed | 0) >>> 16);
}

function seedWords(seed, count) {
  const entropy = words(seed);
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL }, (_, i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < POOL; from++)
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  for (const extra of entropy.slice(POOL))
    for (let to = 0; to < POOL; to++) pool[to] = mix(pool[to], hash(extra));
  const draw = hasher(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: count }, (_, i) => draw(pool[i % POOL]) >>> 0);
}

// ── PCG64: 상태는 128비트이고, 한 번에 상태 ← 상태 × 0x2360ed051fc65da44385df649fccf645 + 증분으로 갑니다.
// 상태의 32비트와 곱하는 수의 16비트를 곱해 더하면 2⁵³을 넘지 않아, 보통의 수로 정확하고 BigInt보다 수십 배 빠릅니다.

const [M0, M1, M2, M3, M4, M5, M6, M7] = [0xf645, 0x9fcc, 0xdf64, 0x4385, 0x5da4, 0x1fc6, 0xed05, 0x2360];

const pieces = (value, bits) =>
  Float64Array.from({ length: 128 / bits }, (_, i) => Number(BigInt.asUintN(bits, value >> BigInt(bits * i))));

class PCG64 {
  constructor(seed) {
    const [a, b, c, d, e, f, g, h] = seedWords(seed, 8).map(BigInt);
    // 64비트 낱말 네 개(낮은 32비트가 먼저)가 차례로 상태의 위, 아래, 증분의 위, 아래입니다.
    const start = (b << 96n) | (a << 64n) | (d << 32n) | c;
    const increment = ((((f << 96n) | (e << 64n) | (h << 32n) | g) << 1n) | 1n) & ((1n << 128n) - 1n);
    this.increment = pieces(increment, 16);
    this.state = pieces(increment + start, 32);
    this.advance();
    this.kept = -1;
  }

  advance() {
    const { state, increment } = this;
    const [a, b, c, d] = [state[0], state[1], state[2], state[3]];
    let sum = a * M0 + increment[0];
    const r0 = sum & 0xffff;
    sum = Math.floor(sum / 65536) + a * M1 + increment[1];
    state[0] = (r0 | (sum << 16)) >>> 0;
    sum = Math.floor(sum / 65536) + a * M2 + b * M0 + increment[2];
    const r2 = sum & 0xffff;
    sum = Math.floor(sum / 65536) + a * M3 + b * M1 + increment[3];
    state[1] = (r2 | (sum << 16)) >>> 0;
    sum = Math.floor(sum / 65536) + a * M4 + b * M2 + c * M0 + increment[4];
    const r4 = sum & 0xffff;
    sum = Math.floor(sum / 65536) + a * M5 + b * M3 + c * M1 + increment[5];
    state[2] = (r4 | (sum << 16)) >>> 0;
    sum = Math.floor(sum / 65536) + a * M6 + b * M4 + c * M2 + d * M0 + increment[6];
    const r6 = sum & 0xffff;
    sum = Math.floor(sum / 65536) + a * M7 + b * M5 + c * M3 + d * M1 + increment[7];
    state[3] = (r6 | (sum << 16)) >>> 0;
  }

  /** 다음 64비트를 this.high와 this.low(32비트씩)에 둡니다: 상태의 위아래를 XOR하고 맨 위 6비트만큼 돌립니다. */
  next64() {
    this.advance();
    const state = this.state;
    const turn = state[3] >>> 26;
    const [first, second] = turn & 32 ? [1, 0] : [0, 1];
    const low = state[first] ^ state[first + 2];
    const high = state[second] ^ state[second + 2];
    const by = turn & 31;
    this.low = (by ? (low >>> by) | (high << (32 - by)) : low) >>> 0;
    this.high = (by ? (high >>> by) | (low << (32 - by)) : high) >>> 0;
  }

  /** 64비트를 뽑아 낮은 32비트부터 씁니다. 남은 위쪽은 그 사이에 64비트를 뽑아도 다음 next32까지 그대로입니다. */
  next32() {
    if (this.kept >= 0) {
      const value = this.kept;
      this.kept = -1;
      return value;
    }
    this.next64();
    this.kept = this.high;
    return this.low;
  }

  /** [0, 1)의 float32와 float64. */
  float32() {
    return (this.next32() >>> 8) / 16777216;
  }

  float64() {
    this.next64();
    return (this.high * 2097152 + (this.low >>> 11)) / 9007199254740992;
  }
}

// ── 정규분포: 넓이가 같은 층 256개로 나눈 지구라트(Marsaglia·Tsang, 2000). 열에 아홉은 표를 한 번 보고 끝납니다.

const EDGE = 3.6541528853610088; // 맨 아래층이 끝나고 꼬리가 시작하는 자리
const AREA = 0.004928673233974652;
const LAYERS = 256;

// NumPy의 표는 더 정밀하게 셈해 적은 것이어서, float64의 정규분포는 마지막 몇 비트(4e-14)가 다릅니다. float32로
// 반올림해 쓰는 곳에서는 같습니다.
//
// 층의 오른쪽 끝 x와 높이 f, 그 층에서 묻지 않고 받아도 되는 비율. 맨 아래층의 x는 꼬리까지 편 너비입니다.
const { x: X, f: F, inside: INSIDE } = (() => {
  const [x, f, inside] = Array.from({ length: 3 }, () => new Float64Array(LAYERS));
  x[LAYERS - 1] = EDGE;
  f[LAYERS - 1] = Math.exp(-0.5 * EDGE * EDGE);
  for (let i = LAYERS - 2; i > 0; i--) {
    x[i] = Math.sqrt(-2 * Math.log(AREA / x[i + 1] + f[i + 1]));
    f[i] = Math.exp(-0.5 * x[i] * x[i]);
    inside[i + 1] = x[i] / x[i + 1];
  }
  f[0] = 1;
  x[0] = AREA / f[LAYERS - 1];
  inside[0] = EDGE / x[0];
  return { x, f, inside };
})();
const BITS32 = 8388608; // 2²³: float32에서 층 안의 자리를 정하는 비트
const BITS64 = 4503599627370496; // 2⁵²
const X32 = Float32Array.from(X, (x) => x / BITS32);
const F32 = Float32Array.from(F);
const INSIDE32 = Float64Array.from(INSIDE, (share) => Math.round(share * BITS32));
const X64 = X.map((x) => x / BITS64);
const INSIDE64 = INSIDE.map((share) => Math.floor(share * BITS64));
const EDGE32 = Math.fround(EDGE);
const PER_EDGE = 1 / EDGE;
const PER_EDGE32 = Math.fround(PER_EDGE);

export class Generator extends PCG64 {
  normal32() {
    for (;;) {
      const bits = this.next32();
      const layer = bits & 0xff;
      const place = bits >>> 9;
      const size = Math.fround(place * X32[layer]);
      const x = bits & 0x100 ? -size : size;
      if (place < INSIDE32[layer]) return x;
      if (layer === 0) return place & 0x100 ? -this.tail32() : this.tail32();
      const height = Math.fround(Math.fround(F32[layer - 1] - F32[layer]) * this.float32());
      if (Math.fround(height + F32[layer]) < Math.exp(-0.5 * x * x)) return x;
    }
  }

  tail32() {
    for (;;) {
      const beyond = Math.fround(-PER_EDGE32 * Math.fround(Math.log1p(-this.float32())));
      const y = -Math.fround(Math.log1p(-this.float32()));
      if (y + y > Math.fround(beyond * beyond)) return Math.fround(EDGE32 + beyond);
    }
  }

  normal64() {
    for (;;) {
      this.next64();
      const layer = this.low & 0xff;
      const place = ((this.high >>> 9) & 0xfffff) * 4294967296 + (((this.high << 23) | (this.low >>> 9)) >>> 0);
      const size = place * X64[layer];
      const x = this.low & 0x100 ? -size : size;
      if (place < INSIDE64[layer]) return x;
      if (layer === 0) return (place / 256) & 1 ? -this.tail64() : this.tail64();
      if ((F[layer - 1] - F[layer]) * this.float64() + F[layer] < Math.exp(-0.5 * x * x)) return x;
    }
  }

  tail64() {
    for (;;) {
      const beyond = -PER_EDGE * Math.log1p(-this.float64());
      const y = -Math.log1p(-this.float64());
      if (y + y > beyond * beyond) return EDGE + beyond;
    }
  }

  /** 0 이상 count 미만의 정수(count는 2³² 미만): 32비트에 count를 곱한 것의 위쪽(Lemire, 2019). */
  below(count) {
    if (count <= 1) return 0;
    const limit = (4294967296 - count) % count;
    for (;;) {
      // 곱은 2⁶⁴까지 가므로 count의 위아래 16비트를 따로 곱합니다.
      const bits = this.next32();
      const lower = bits * (count & 0xffff);
      const upper = bits * (count >>> 16) + Math.floor(lower / 65536);
      const leftover = (upper % 65536) * 65536 + (lower % 65536);
      if (leftover >= limit) return Math.floor(upper / 65536);
    }
  }

  /** rng.random(count, dtype), rng.standard_normal(count, dtype), rng.integers(high, size=count)와 같은 배열. */
  random(count, Type = Float64Array) {
    return fill(new Type(count), Type === Float32Array ? () => this.float32() : () => this.float64());
  }

  standardNormal(count, Type = Float64Array) {
    return fill(new Type(count), Type === Float32Array ? () => this.normal32() : () => this.normal64());
  }

  integers(high, count) {
    return fill(new Uint32Array(count), () => this.below(high));
  }
}

function fill(array, draw) {
  for (let i = 0; i < array.length; i++) array[i] = draw();
  return array;
}
