// Content-Type and Accept, as far as this server needs them. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace wcmp::api {

namespace media {
inline constexpr std::string_view json = "application/json";
inline constexpr std::string_view problem = "application/problem+json";
inline constexpr std::string_view lines = "application/x-ndjson";
inline constexpr std::string_view message = "application/vnd.wcmp.message";
inline constexpr std::string_view messages = "application/vnd.wcmp.messages";
inline constexpr std::string_view recognition = "application/vnd.wcmp.recognition";
inline constexpr std::string_view bundle = "application/vnd.wcmp.bundle";
inline constexpr std::string_view bytes = "application/octet-stream";
}  // namespace media

// Whether a Content-Type names this type, whatever its parameters. An absent one does.
bool has_type(std::string_view content_type, std::string_view type);

// The offer that an Accept field prefers, the earlier of two that it likes as well. Everything is
// accepted when there is no field; nothing is returned when it names none of the offers.
std::optional<std::string_view> choose(std::string_view accept, std::span<const std::string_view> offers);

}  // namespace wcmp::api
