// Lines of any bytes: what is taken is written again as the same line in lower case.
#include "client/bech32m.h"

#include "client/key_line.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto decoded = wcmp::client::decode_bech32m(text);
    if (decoded) {
        auto lower = std::string(text);
        for (auto& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (wcmp::client::encode_bech32m(decoded->prefix, decoded->data) != lower) std::abort();
    }
    const auto key = wcmp::client::parse_key_line(text);
    if (key && !wcmp::client::parse_key_line(wcmp::client::to_key_line(*key))) std::abort();
    return 0;
}
