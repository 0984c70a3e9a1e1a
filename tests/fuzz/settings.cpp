// Settings of any bytes: a result or an error with a line, never anything else.
#include "settings/settings.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto settings = wcmp::settings::parse(text, "fuzz.toml");
    if (!settings && (settings.error().problem.empty() || settings.error().text().empty())) std::abort();
    return 0;
}
