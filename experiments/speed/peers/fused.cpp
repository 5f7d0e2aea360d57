// One month of the market without mechanisms, fused by hand: what a C++ programmer would write for this one market.
// Customers by 256, firm by firm; draws by Philox4x32-10, four customers a call; the choice as an exponential race.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

constexpr int GROUP = 256, RUN = 64;
constexpr double GRID = 1048576.0;
using u32 = uint32_t;
using u64 = uint64_t;

inline float log32(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, 4);
  const int32_t octave = (bits - 0x3F3504F3) >> 23;
  const int32_t rest = bits - (octave << 23);
  float r;
  std::memcpy(&r, &rest, 4);
  r -= 1.0f;
  const float z = r * r;
  float y = 7.0376836292e-2f;
  y = y * r - 1.1514610310e-1f;
  y = y * r + 1.1676998740e-1f;
  y = y * r - 1.2420140846e-1f;
  y = y * r + 1.4249322787e-1f;
  y = y * r - 1.6668057665e-1f;
  y = y * r + 2.0000714765e-1f;
  y = y * r - 2.4999993993e-1f;
  y = y * r + 3.3333331174e-1f;
  y = y * r * z + octave * -2.12194440e-4f - 0.5f * z;
  return r + y + octave * 0.693359375f;
}

inline float exp32(float x) {
  x = std::min(std::max(x, -80.0f), 80.0f);
  const float n = std::floor(x * 1.44269504f + 0.5f);
  const float r = x - n * 0.693359375f - n * -2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  const int32_t power = (static_cast<int32_t>(n) + 127) << 23;
  float scale;
  std::memcpy(&scale, &power, 4);
  return y * scale;
}

inline float uniform(u32 bits) { return (static_cast<float>(static_cast<int32_t>(bits >> 9)) + 0.5f) * 0x1p-23f; }

inline void draw(u32 first, u32 now, u32 key0, u32 key1, float* out) {
  const u32 call = (first >> 8) << 6;
  for (int i = 0; i < RUN; ++i) {
    u32 a = call + i, b = now, c = 0, d = 0, k0 = key0, k1 = key1;
    for (int round = 0; round < 10; ++round) {
      const u64 p = 0xD2511F53ull * a, q = 0xCD9E8D57ull * c;
      const u32 a2 = static_cast<u32>(q >> 32) ^ b ^ k0, c2 = static_cast<u32>(p >> 32) ^ d ^ k1;
      b = static_cast<u32>(q);
      d = static_cast<u32>(p);
      a = a2;
      c = c2;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    out[i] = uniform(a);
    out[i + RUN] = uniform(b);
    out[i + 2 * RUN] = uniform(c);
    out[i + 3 * RUN] = uniform(d);
  }
}

}  // namespace

// Columns of customers are [rows] or [kind][rows]; offers are [firms][cells] or [firms][attributes][cells].
struct Month {
  int64_t rows, firms, attributes, kinds, cells, today;
  u32 now;
  const u32* keys;  // context, outside, then the firms, two words each
  const u32* identity;
  const uint8_t* segment;
  const float *cumulative, *alpha, *standard, *journey, *taste, *presence, *fare, *level;
  const int32_t *mode, *cents;
  uint8_t *context, *recent;
  uint16_t *cell, *wallet;
  int8_t *provider, *before;
  float *inclusive, *quality;
  int32_t* paid;
  u32* bought;
  int64_t *purchases, *revenue, *units, *delivered, *returning, *repeated, *surplus, *buyers, *depth, *held, *kept;
};

extern "C" void play(const Month* m, int64_t begin, int64_t end) {
  const int64_t n = m->rows;
  float u[GROUP], time[GROUP], sum[GROUP], asked[GROUP], appeal[GROUP];
  for (int64_t s = begin; s < end; s += GROUP) {
    const int rows = static_cast<int>(std::min<int64_t>(GROUP, end - s));
    const u32 first = m->identity[s];
    uint16_t* cell = m->cell + s;
    int8_t *provider = m->provider + s, *before = m->before + s;
    uint8_t* recent = m->recent + m->today * n + s;
    uint16_t* wallet = m->wallet + s;
    for (int i = 0; i < rows; ++i) {
      wallet[i] -= recent[i];
      recent[i] = 0;
      before[i] = provider[i] >= 0 ? provider[i] : before[i];
      provider[i] = -1;
    }
    draw(first, m->now, m->keys[0], m->keys[1], u);
    for (int i = 0; i < rows; ++i) {
      const float* mix = m->cumulative + m->segment[s + i] * m->kinds;
      int kind = 0;
      for (int k = 0; k + 1 < m->kinds; ++k) kind += u[i] > mix[k];
      m->context[s + i] = static_cast<uint8_t>(kind);
      cell[i] = static_cast<uint16_t>(m->segment[s + i] * m->kinds + kind);
    }
    draw(first, m->now, m->keys[2], m->keys[3], time);
    for (int i = 0; i < rows; ++i) {
      time[i] = -log32(time[i]);
      sum[i] = 1.0f;
    }
    for (int64_t f = 0; f < m->firms; ++f) {
      const int64_t mode = m->mode[f];
      const float *standard = m->standard + mode * n + s, *journey = m->journey + mode * n + s;
      const float *fare = m->fare + f * m->cells, *alpha = m->alpha + s;
      for (int i = 0; i < rows; ++i) asked[i] = fare[cell[i]];
      const float presence = m->presence[f];
      for (int i = 0; i < rows; ++i) appeal[i] = standard[i] + presence - alpha[i] * journey[i] * asked[i];
      for (int64_t k = 0; k < m->attributes; ++k) {
        const float *level = m->level + (f * m->attributes + k) * m->cells, *taste = m->taste + k * n + s;
        if (std::all_of(level, level + m->cells, [](float x) { return x == 0.0f; })) continue;
        for (int i = 0; i < rows; ++i) asked[i] = level[cell[i]];
        for (int i = 0; i < rows; ++i) appeal[i] += taste[i] * asked[i];
      }
      draw(first, m->now, m->keys[4 + 2 * f], m->keys[5 + 2 * f], u);
      for (int i = 0; i < rows; ++i) {
        const float odds = exp32(appeal[i]), arrives = -log32(u[i]) / odds;
        sum[i] += odds;
        const bool sooner = arrives < time[i];
        time[i] = sooner ? arrives : time[i];
        provider[i] = sooner ? static_cast<int8_t>(f) : provider[i];
      }
    }
    int64_t worth = 0;
    for (int i = 0; i < rows; ++i) {
      m->inclusive[s + i] = sum[i];
      const int f = provider[i];
      const float alpha = m->alpha[s + i];
      worth += alpha > 0 ? std::llrint(static_cast<double>(log32(sum[i]) / alpha) * GRID) : 0;
      int32_t paid = 0;
      float quality = 0.0f;
      if (f >= 0) {
        const float journey = m->journey[m->mode[f] * n + s + i];
        paid = static_cast<int32_t>(m->cents[f * m->cells + cell[i]] * static_cast<double>(journey) + 0.5);
        for (int64_t k = 0; k < m->attributes; ++k)
          quality += m->taste[k * n + s + i] * m->level[(f * m->attributes + k) * m->cells + cell[i]];
        m->purchases[f] += 1;
        m->revenue[f] += paid;
        m->units[f * m->cells + cell[i]] += std::llrint(static_cast<double>(journey) * GRID);
        m->delivered[f] += std::llrint(static_cast<double>(quality) * GRID);
        if (before[i] >= 0) {
          m->returning[before[i]] += 1;
          m->repeated[f] += before[i] == f;
        }
        recent[i] = 1;
        wallet[i] += 1;
      }
      m->paid[s + i] = paid;
      m->quality[s + i] = quality;
    }
    *m->surplus += worth;
    for (int64_t f = 0; f < m->firms; ++f) {
      u32* bought = m->bought + f * n + s;
      u32 buyers = 0, depth = 0, held = 0, kept = 0;
      for (int i = 0; i < rows; ++i) {
        bought[i] = ((bought[i] << 1) & 0xFFFFFFu) | static_cast<u32>(provider[i] == f);
        const u32 year = (bought[i] & 0xFFFu) != 0, earlier = (bought[i] & ~0xFFFu) != 0;
        buyers += year;
        depth += year * wallet[i];
        held += earlier;
        kept += year & earlier;
      }
      m->buyers[f] += buyers;
      m->depth[f] += depth;
      m->held[f] += held;
      m->kept[f] += kept;
    }
  }
}
