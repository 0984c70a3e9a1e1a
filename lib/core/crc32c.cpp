#include "core/crc32c.h"

namespace wcmp::core {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // 0x1edc6f41, bits reversed
constexpr std::size_t lanes = 8;                  // bytes taken at once ("slicing by 8")

using Tables = std::array<std::array<std::uint32_t, 256>, lanes>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
        tables[0][i] = value;
    }
    for (std::size_t lane = 1; lane < lanes; ++lane)
        for (std::size_t i = 0; i < 256; ++i) {
            const auto shorter = tables[lane - 1][i];
            tables[lane][i] = (shorter >> 8) ^ tables[0][shorter & 255];
        }
    return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    std::size_t at = 0;
    for (; at + lanes <= bytes.size(); at += lanes) {
        std::uint32_t next = 0;
        for (std::size_t i = 0; i < lanes; ++i) {
            const std::uint8_t mixed =
                i < 4 ? static_cast<std::uint8_t>(bytes[at + i] ^ (crc >> (8 * i))) : bytes[at + i];
            next ^= tables[lanes - 1 - i][mixed];
        }
        crc = next;
    }
    for (; at < bytes.size(); ++at) crc = (crc >> 8) ^ tables[0][(crc ^ bytes[at]) & 255];
    return ~crc;
}

}  // namespace wcmp::core
