// Appends big-endian integers and bytes to a buffer that the caller owns.
#pragma once

#include "core/bytes.h"

namespace wcmp::core {

class Writer {
public:
    explicit Writer(Bytes& output) : output_(output) {}

    void u8(std::uint8_t value) { output_.push_back(value); }
    void u16(std::uint16_t value) { number(value); }
    void u32(std::uint32_t value) { number(value); }
    void u64(std::uint64_t value) { number(value); }
    void bytes(ByteView value) { output_.insert(output_.end(), value.begin(), value.end()); }
    void zeros(std::size_t count) { output_.resize(output_.size() + count); }

private:
    template <class Number>
    void number(Number value) {
        for (std::size_t i = sizeof(Number); i-- > 0;)
            output_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    Bytes& output_;
};

// Writes a big-endian u32 or u64 over bytes that exist already.
template <class Number>
void put_number(MutableBytes into, Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        into[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(Number) - 1 - i)));
}

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
