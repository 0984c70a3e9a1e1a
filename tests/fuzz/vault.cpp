// The vault's plain text, as any bytes: what is taken can be written and read again, and then stays the same.
#include "client/profile.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wcmp;
    const auto profile = client::decode_profile(ByteView(data, size));
    if (!profile) return 0;
    const auto once = client::encode_profile(*profile);
    const auto again = client::decode_profile(once);
    if (!again || client::encode_profile(*again) != once) std::abort();
    return 0;
}
