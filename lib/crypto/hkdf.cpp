#include "crypto/hkdf.h"

#include "crypto/hmac.h"

#include <cassert>

namespace wcmp::crypto {

Secret32 hkdf_extract(ByteView salt, ByteView key_material) {
    Secret32 result;
    auto code = hmac_sha256(salt, key_material);
    std::ranges::copy(code, result.data());
    wipe(code);
    return result;
}

// "T(i) = HMAC-Hash(PRK, T(i-1) | info | i)", from T(0) = empty string.
void hkdf_expand(const Secret32& pseudorandom_key, ByteView info, MutableBytes output) {
    assert(output.size() <= 255 * std::size_t{32});
    HmacKey key(pseudorandom_key.view());
    Hash256 block{};
    for (std::uint8_t counter = 1; !output.empty(); ++counter) {
        if (counter > 1) key.update(block);
        key.update(info);
        key.update(ByteView(&counter, 1));
        block = key.finish();
        const auto length = std::min(output.size(), block.size());
        std::copy_n(block.begin(), length, output.begin());
        output = output.subspan(length);
    }
    wipe(block);
}

}  // namespace wcmp::crypto
