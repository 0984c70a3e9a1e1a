// Months of many relays and drives in a few seconds, and everything that can go wrong with them.
//
//     sim --seed 7 --seconds 90       worlds of seeds 7, 8, ... until the time is over; prints counts
//     sim --seed 7 --steps 1234       one world, so many steps: what a failure tells to run again
//
// Exit code 1: something did not hold; the seed and the step are printed.
#include "world.h"

#include <array>
#include <charconv>
#include <iostream>

#include <sys/resource.h>

namespace wcmp::sim {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t seconds = 10;
    std::uint64_t worlds = 0;        // 0: until the time is over
    std::uint64_t days = 200;        // of one world
    std::uint64_t steps = 0;         // 0: until the time is over
    std::uint64_t growth_mib = 512;  // of this process, after the first world
    std::uint64_t tell = 0;          // 1: what each step is about
    Sabotage sabotage = Sabotage::none;
};

bool read_number(std::string_view text, std::uint64_t& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_sabotage(std::string_view text, Sabotage& into) {
    constexpr std::array<std::string_view, 5> names{"none", "lose", "invent", "revive", "distrust"};
    const auto* const found = std::ranges::find(names, text);
    into = static_cast<Sabotage>(found - names.begin());
    return found != names.end();
}

bool read_option(std::string_view name, std::string_view value, Options& options) {
    if (name == "--seed") return read_number(value, options.seed);
    if (name == "--seconds") return read_number(value, options.seconds);
    if (name == "--worlds") return read_number(value, options.worlds);
    if (name == "--days") return read_number(value, options.days);
    if (name == "--steps") return read_number(value, options.steps);
    if (name == "--growth-mib") return read_number(value, options.growth_mib);
    if (name == "--tell") return read_number(value, options.tell);
    if (name == "--sabotage") return read_sabotage(value, options.sabotage);
    return false;
}

std::uint64_t peak_kibibytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss);
}

// One world, until one of its ends; false where something did not hold.
bool live(std::uint64_t seed, const Options& options, SteadyClock::time_point end, Tally& sum,
          std::uint64_t& days) {
    std::uint64_t steps = 0;
    std::string about = "the beginning";
    try {
        World world(seed, options.sabotage);
        const auto first = world.day();
        const auto goes_on = [&] {
            if (options.steps > 0) return steps < options.steps;
            return world.day() - first < options.days && SteadyClock::now() < end;
        };
        try {
            for (; goes_on(); ++steps) {
                world.step();
                if (options.tell > 0) std::cout << steps << ": " << world.last() << '\n';
            }
            if (options.steps == 0) world.come_together();
        } catch (const Failure&) {
            about = "day " + std::to_string(world.day() - first) + ", " + world.last();
            throw;
        }
        days += world.day() - first;
        sum.add(world.tally());
        return true;
    } catch (const Failure& failure) {
        std::cout << "FAILED  seed " << seed << ", step " << steps << ", " << about << ": " << failure.what()
                  << "\nagain:  sim --seed " << seed << " --steps " << steps + 1 << std::endl;
        return false;
    }
}

int run(const Options& options) {
    const auto end = SteadyClock::now() + std::chrono::seconds(options.seconds);
    Tally sum;
    std::uint64_t worlds = 0, days = 0, peak_at_first = 0;
    do {
        if (!live(options.seed + worlds, options, end, sum, days)) return 1;
        ++worlds;
        if (worlds == 1) peak_at_first = peak_kibibytes();
    } while (options.steps == 0 && SteadyClock::now() < end && worlds != options.worlds);
    std::cout << "seeds " << options.seed << " to " << options.seed + worlds - 1 << ", " << days << " days\n"
              << sum << "peak memory " << peak_kibibytes() / 1024 << " MiB, " << peak_at_first / 1024
              << " after the first world" << std::endl;
    if (peak_kibibytes() - peak_at_first <= options.growth_mib * 1024) return 0;
    std::cout << "FAILED  memory grows" << std::endl;
    return 1;
}

}  // namespace
}  // namespace wcmp::sim

int main(int argc, char** argv) {
    wcmp::sim::Options options;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && wcmp::sim::read_option(argv[i], argv[i + 1], options)) continue;
        std::cerr
            << "sim [--seed N] [--seconds S] [--worlds N] [--days D] [--steps N] [--growth-mib N] [--tell 1] "
               "[--sabotage KIND]\n";
        return 64;
    }
    return wcmp::sim::run(options);
}
