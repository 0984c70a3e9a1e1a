#include "side.h"

#include <stdexcept>

namespace wcmp::sync::test {

std::vector<std::shared_ptr<const bundle::Reader>> PlainStore::bundles() {
    if (!stale_) return bundles_;
    SeededRandom random(1);
    auto found = bundle::scan(directory_, today, 0, random);
    if (found) bundles_ = std::move(found->bundles);
    stale_ = false;
    return bundles_;
}

Result<void> PlainStore::publish(std::span<const bundle::Name>, std::span<const bundle::Name> covered,
                                 std::span<const MessageKey> keys) {
    for (const auto& name : covered) WCMP_TRY(directory_.unlink(bundle::to_string(name)));
    if (!covered.empty()) WCMP_TRY(directory_.sync());
    arrived.insert(keys.begin(), keys.end());
    stale_ = true;
    return {};
}

void put_file(io::Directory& directory, const std::string& name, ByteView bytes) {
    auto file = directory.create(name);
    if (!file || !(*file)->write_at(0, bytes) || !(*file)->sync() || !directory.sync())
        throw std::runtime_error("cannot prepare a file");
}

void put_bundle(io::Directory& directory, const std::vector<bundle::test::Sample>& messages) {
    if (messages.empty()) return;
    const auto bytes = bundle::test::sample_bundle(messages);
    put_file(directory, bundle::to_string(bundle::test::open_bytes(bytes)->name()), bytes);
}

std::set<MessageKey> held(io::Directory& directory) {
    SeededRandom random(1);
    auto found = bundle::scan(directory, today, 0, random);
    if (!found) throw std::runtime_error(describe(found.error()));
    std::set<MessageKey> result;
    message::Identifier identifier;
    Bytes buffer;
    for (const auto& reader : found->bundles) {
        std::vector<bundle::Entry> entries(reader->header().messages);
        if (!reader->read_entries(0, entries)) continue;
        for (const auto& entry : entries)
            if (reader->read_message(entry, identifier, buffer)) result.insert(entry.key);
    }
    return result;
}

std::set<MessageKey> keys(const std::vector<bundle::test::Sample>& messages) {
    std::set<MessageKey> result;
    for (const auto& message : messages) result.insert(message.key);
    return result;
}

}  // namespace wcmp::sync::test
