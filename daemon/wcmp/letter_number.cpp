// Numbers of letters, as a person types them.
#include "client/printable.h"
#include "command.h"

#include <charconv>

namespace wcmp::program {

std::string check_letter_number(const std::string& text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number > 0) return {};
    return client::printable(text) + " is no number of a letter; `wcmp inbox` tells the numbers";
}

}  // namespace wcmp::program
