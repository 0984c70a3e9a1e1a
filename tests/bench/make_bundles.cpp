// make_bundles FOLDER MESSAGES FIRST_DAY DAYS BODY_EXP SEED: fills a folder with bundles of messages that are
// for nobody, for benchmarks of whole programs.
#include "made_messages.h"
#include "row.h"
#include "scratch.h"

#include <charconv>
#include <iostream>
#include <string_view>

namespace {

using namespace wcmp;

template <class Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bench::must_be(error == std::errc() && end == text.data() + text.size(), "not a number");
    return value;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        bench::must_be(count == 7, "make_bundles FOLDER MESSAGES FIRST_DAY DAYS BODY_EXP SEED");
        bench::fill(*bench::folder(arguments[1]), {.messages = number<std::size_t>(arguments[2]),
                                                   .seed = number<std::uint64_t>(arguments[6]),
                                                   .first_day = number<std::uint32_t>(arguments[3]),
                                                   .days = number<std::uint32_t>(arguments[4]),
                                                   .body_exp = number<unsigned>(arguments[5])});
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
