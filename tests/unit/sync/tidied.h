// A drive that is tidied, in a file system that forgets what was not synced.
#pragma once

#include "meeting.h"
#include "sync/drive_upkeep.h"

#include <algorithm>

namespace wcmp::sync::test {

inline constexpr auto dead_day = today.floor.number - 1;

// A drive, and what is done with it.
struct Tidied {
    explicit Tidied(std::uint64_t seed) : random(seed), files(seed) {}

    Result<UpkeepResult> tidy() {
        const auto drive = bundle::test::watched(files.root(), watch);
        settings.memory = &memory;
        result = {};
        const auto done = tidy_drive(*drive, settings, day, random, on_progress, result, stop.get_token());
        if (!done) return std::unexpected(done.error());
        return result;
    }
    bool is_due() {
        auto root = files.root();
        settings.memory = &memory;
        return is_tidying_due(readers(), *root, settings, day);
    }
    Readers readers() {
        auto found = bundle::scan(*files.root(), day, 0, random);
        EXPECT_TRUE(found.has_value());
        return found ? found->bundles : Readers{};
    }
    std::set<MessageKey> live() {
        auto all = held(*files.root());
        std::erase_if(all, [](const auto& key) { return key.day <= today.floor; });
        return all;
    }
    // Bundles that overlap, some of their days dead.
    std::set<MessageKey> fill(std::size_t bundles, std::size_t messages = 60) {
        const auto all = bundle::test::sample_messages(random, messages, dead_day, 6, 900);
        std::set<std::set<MessageKey>> made;
        for (std::size_t i = 0; i < bundles; ++i) {
            std::vector<bundle::test::Sample> some;
            for (const auto& message : all)
                if (random.next() % 4 == 0) some.push_back(message);
            if (made.insert(keys(some)).second) put_bundle(*files.root(), some);
        }
        return live();
    }
    // Rotten in one message; answers its name.
    bundle::Name put_rotten(const std::vector<bundle::test::Sample>& messages) {
        auto bytes = bundle::test::sample_bundle(messages);
        const auto name = bundle::test::open_bytes(bytes)->name();
        const auto size = bytes.size();
        bytes.back() ^= 1;
        put_file(*files.root(), bundle::to_string(name), bytes);
        memory.distrust.add(name, size);
        return name;
    }

    SeededRandom random;
    io::MemoryFileSystem files;
    bundle::test::Watch watch;
    DriveMemory memory;
    VisitSettings settings{};
    message::Today day = today;
    std::stop_source stop;
    std::function<void(const Progress&)> on_progress;
    UpkeepResult result;
};

}  // namespace wcmp::sync::test
