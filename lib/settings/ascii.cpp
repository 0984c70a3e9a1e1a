#include "settings/ascii.h"

#include "core/hex.h"

#include <array>

namespace wcmp::settings {

std::string to_ascii(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x80 && c != '%')
            result += c;
        else
            result += "%" + to_hex(std::array{byte});
    }
    return result;
}

std::string from_ascii(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code = text[i] == '%' ? from_hex(text.substr(i + 1, 2)) : Bytes{};
        if (code && code->size() == 1) {
            result += static_cast<char>(code->front());
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace wcmp::settings
