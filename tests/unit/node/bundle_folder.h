// Folders of bundles that nobody has put in order.
#pragma once

#include "bundle/verify.h"
#include "test_relay.h"
#include "unit/bundle/sample.h"

#include <fstream>
#include <set>

namespace wcmp::node::test {

inline void put_bundle(const std::filesystem::path& folder,
                       const std::vector<bundle::test::Sample>& messages) {
    std::filesystem::create_directories(folder);
    const auto bytes = bundle::test::sample_bundle(messages);
    std::ofstream file(folder / bundle::to_string(bundle::test::open_bytes(bytes)->name()), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// So many, of five messages each; answers what they hold.
inline std::set<MessageKey> put_bundles(const std::filesystem::path& folder, std::size_t count,
                                        SeededRandom& random) {
    std::set<MessageKey> keys;
    for (std::size_t i = 0; i < count; ++i) {
        const auto messages = bundle::test::sample_messages(random, 5, test_day + 10, 3);
        put_bundle(folder, messages);
        for (const auto& message : messages) keys.insert(message.key);
    }
    return keys;
}

inline std::size_t count_bundles(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        count += entry.path().extension() == ".wcmp" ? 1 : 0;
    return count;
}

// Every message that its bundles hold; each of them is verified.
inline std::set<MessageKey> held_in(const std::filesystem::path& folder) {
    std::set<MessageKey> keys;
    const auto directory = io::open_directory(folder);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".wcmp") continue;
        auto file = (*directory)->open(entry.path().filename().string());
        const auto reader = bundle::Reader::open(std::move(*file), std::nullopt);
        if (!reader) continue;  // void
        EXPECT_TRUE(bundle::verify_all(*reader).has_value());
        std::vector<bundle::Entry> entries((*reader)->header().messages);
        EXPECT_TRUE((*reader)->read_entries(0, entries).has_value());
        for (const auto& one : entries) keys.insert(one.key);
    }
    return keys;
}

}  // namespace wcmp::node::test
