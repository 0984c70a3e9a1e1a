#include "test_store.h"

#include <algorithm>
#include <stdexcept>

namespace wcmp::store::test {

TestStore::TestStore(std::uint64_t seed) : files(seed), random(seed) {
    settings.store_keep_free_bytes = 0;
}

Result<void> TestStore::open() {
    report = {};
    WCMP_ASSIGN(store_, Store::open(disk.under(files.root()), settings, today, {clock, random}, report));
    return {};
}

void TestStore::expect_open() {
    const auto opened = open();
    ASSERT_TRUE(opened.has_value()) << describe(opened.error());
}

void TestStore::reopen() {
    close();
    expect_open();
}

void TestStore::power_cut() {
    files.power_cut();
    close();
    expect_open();
}

std::vector<Sample> TestStore::make(std::size_t count, std::size_t length) {
    std::vector<Sample> made;
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(make_one(first_day + static_cast<std::uint32_t>(i % 3), length));
    std::ranges::sort(made);
    return made;
}

Sample TestStore::make_one(std::uint32_t day, std::size_t length) {
    return bundle::test::sample_message(random, day, length);
}

std::vector<Result<Enqueued>> TestStore::try_enqueue(const std::vector<Sample>& messages) {
    std::vector<Bytes> bytes;
    for (const auto& message : messages) bytes.push_back(message.bytes);
    return store_->enqueue(bytes, today);
}

void TestStore::enqueue(const std::vector<Sample>& messages) {
    for (const auto& result : try_enqueue(messages))
        ASSERT_TRUE(result.has_value()) << describe(result.error());
}

bundle::Name TestStore::hold(const std::vector<Sample>& messages) {
    const auto bytes = bundle::test::sample_bundle(messages);
    const auto name = bundle::test::open_bytes(bytes)->name();
    put(bundle::to_string(name), bytes);
    if (const auto published = store_->publish(std::array{name}, {}); !published)
        throw std::runtime_error(describe(published.error()));
    return name;
}

void TestStore::expect_fold() {
    const auto folded = store_->fold(today);
    ASSERT_TRUE(folded.has_value()) << describe(folded.error());
}

std::size_t TestStore::count_readable(const std::vector<Sample>& messages) {
    return static_cast<std::size_t>(std::ranges::count_if(messages, [&](const Sample& message) {
        const auto read = store_->read(message.key.id, today);
        return read && *read == message.bytes;
    }));
}

void TestStore::expect_readable(const std::vector<Sample>& messages, const std::string& when) {
    EXPECT_EQ(count_readable(messages), messages.size()) << when;
}

std::set<std::string> TestStore::file_names(std::string_view suffix) {
    std::set<std::string> names;
    const auto listed = files.root()->list([&](std::string_view name) {
        if (name.ends_with(suffix)) names.emplace(name);
    });
    if (!listed) throw std::runtime_error(describe(listed.error()));
    return names;
}

Bytes TestStore::contents(const std::string& name) {
    const auto file = files.root()->open(name);
    if (!file) throw std::runtime_error(describe(file.error()));
    Bytes bytes((*file)->status()->size);
    if (!io::read_exactly(**file, 0, bytes)) throw std::runtime_error("cannot read a file");
    return bytes;
}

void TestStore::put_unsynced(const std::string& name, ByteView bytes) {
    const auto root = files.root();
    std::ignore = root->unlink(name);
    const auto file = root->create(name);
    if (!file || !(*file)->write_at(0, bytes)) throw std::runtime_error("cannot prepare a file");
}

void TestStore::put(const std::string& name, ByteView bytes) {
    put_unsynced(name, bytes);
    if (!files.root()->sync_file_system()) throw std::runtime_error("cannot prepare a file");
}

std::string name_of(const std::vector<Sample>& messages) {
    return bundle::to_string(bundle::test::open_bytes(bundle::test::sample_bundle(messages))->name());
}

std::set<MessageKey> keys_of(const std::vector<Sample>& messages) {
    std::set<MessageKey> keys;
    for (const auto& message : messages) keys.insert(message.key);
    return keys;
}

std::uint64_t place_in_bundle(const std::vector<Sample>& messages, const Sample& message) {
    const auto reader = bundle::test::open_bytes(bundle::test::sample_bundle(messages));
    const auto entry = reader->find(message.key);
    if (!entry) throw std::runtime_error("no such message");
    return reader->header().messages_offset + entry->offset;
}

}  // namespace wcmp::store::test
