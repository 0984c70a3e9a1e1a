// The ASCII labels that keep the uses of a key apart (FORMAT.md, section 1).
#pragma once

#include <string_view>

namespace wcmp::message {

namespace labels {
inline constexpr std::string_view from = "WCMP-v1 from";
inline constexpr std::string_view to = "WCMP-v1 to";
inline constexpr std::string_view body = "WCMP-v1 body";
inline constexpr std::string_view nonce2 = "WCMP-v1 nonce2";
inline constexpr std::string_view mask = "WCMP-v1 mask";
inline constexpr std::string_view slot = "WCMP-v1 slot";
inline constexpr std::string_view sign = "WCMP-v1 sign";
}  // namespace labels

}  // namespace wcmp::message
