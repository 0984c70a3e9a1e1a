#include "meeting.h"

#include <algorithm>

namespace wcmp::sync::test {

Result<VisitResult> Meeting::visit() {
    const auto store_directory = bundle::test::watched(store_files.root(), store_watch);
    const auto drive_directory = bundle::test::watched(drive_files.root(), drive_watch);
    PlainStore store(*store_directory);
    store.free = {.disk_bytes = room, .share_bytes = share};
    store.kept = retention;
    store.failing = &store_failing;
    settings.memory = &memory;
    Visit visit(store, *drive_directory, settings, day, random);
    visit.on_progress = on_progress;
    result = {};
    const auto done = visit.run(result, stop.get_token());
    arrived = store.arrived;
    if (!done) return std::unexpected(done.error());
    return result;
}

std::set<MessageKey> fill(Meeting& meeting, std::size_t bundles) {
    const auto all = meeting.make(40);
    std::set<MessageKey> oracle;
    for (std::size_t i = 0; i < bundles; ++i) {
        std::vector<bundle::test::Sample> some;
        for (const auto& message : all)
            if (meeting.random.next() % 3 == 0) some.push_back(message);
        if (some.empty()) continue;
        oracle = united(oracle, keys(some));
        if (i % 2 == 0)
            meeting.give_store(some);
        else
            meeting.give_drive(some);
    }
    return oracle;
}

std::set<MessageKey> united(std::set<MessageKey> a, const std::set<MessageKey>& b) {
    a.insert(b.begin(), b.end());
    return a;
}

bool includes(const std::set<MessageKey>& all, const std::set<MessageKey>& some) {
    return std::ranges::includes(all, some);
}

std::size_t count_files(const io::Directory& directory) {
    std::size_t count = 0;
    EXPECT_TRUE(directory.list([&](std::string_view) { ++count; }).has_value());
    return count;
}

std::string name_of(const Bytes& bytes) {
    return bundle::to_string(bundle::test::open_bytes(bytes)->name());
}

std::string put_damaged(Meeting& meeting, const std::vector<bundle::test::Sample>& messages) {
    auto bytes = bundle::test::sample_bundle(messages);
    const auto name = name_of(bytes);
    bytes[header_and_hash + 3] ^= 1;
    put_file(*meeting.drive_files.root(), name, bytes);
    return name;
}

}  // namespace wcmp::sync::test
