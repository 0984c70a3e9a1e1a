// Both sides of a visit, and what is done with them.
#pragma once

#include "side.h"
#include "unit/bundle/watched_directory.h"

namespace wcmp::sync::test {

struct Meeting {
    explicit Meeting(std::uint64_t seed) : random(seed), store_files(seed), drive_files(seed + 1) {}

    std::vector<bundle::test::Sample> make(std::size_t count) {
        return bundle::test::sample_messages(random, count, first_day, 5, 900);
    }

    // The directories are opened anew, as after a restart.
    Result<VisitResult> visit();

    std::set<MessageKey> in_store() { return held(*store_files.root()); }
    std::set<MessageKey> on_drive() { return held(*drive_files.root()); }
    void give_store(const std::vector<bundle::test::Sample>& messages) {
        put_bundle(*store_files.root(), messages);
    }
    void give_drive(const std::vector<bundle::test::Sample>& messages) {
        put_bundle(*drive_files.root(), messages);
    }

    SeededRandom random;
    io::MemoryFileSystem store_files;
    io::MemoryFileSystem drive_files;
    bundle::test::Watch store_watch;  // of what the visit does
    bundle::test::Watch drive_watch;
    DriveMemory memory;
    VisitSettings settings{};
    message::Today day = today;
    std::stop_source stop;
    std::function<void(const Progress&)> on_progress;
    std::set<MessageKey> arrived;
    VisitResult result;                           // of the last visit, whatever its end
    std::uint64_t room = std::uint64_t{1} << 40;  // on the store's disk
    std::uint64_t share = ~std::uint64_t{0};      // of imports
    Retention retention;
    bool store_failing = false;
};

// Where the index hash begins in a bundle's header.
inline constexpr std::size_t header_and_hash = 32;

// A bundle's bytes, by their own name.
std::string name_of(const Bytes& bytes);

// On the drive, a bundle whose index hash is wrong: it is taken for damaged, and each message of it can be
// saved. Answers its name.
std::string put_damaged(Meeting& meeting, const std::vector<bundle::test::Sample>& messages);

// Random sets, spread over several bundles of each side with overlaps; answers their union.
std::set<MessageKey> fill(Meeting& meeting, std::size_t bundles);

std::set<MessageKey> united(std::set<MessageKey> a, const std::set<MessageKey>& b);
bool includes(const std::set<MessageKey>& all, const std::set<MessageKey>& some);

// How many files there are.
std::size_t count_files(const io::Directory& directory);

}  // namespace wcmp::sync::test
