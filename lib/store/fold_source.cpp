#include "store/fold_source.h"

#include <algorithm>
#include <tuple>

namespace wcmp::store {
namespace {

constexpr std::int32_t in_memory = -2;

}  // namespace

void FoldContents::add(std::span<const JournalRecord> records, const Admit& admit) {
    for (const auto& record : records) {
        if (admit(record.key, record.length))
            copies_.push_back({record.key, record.length, -1, record.offset});
    }
}

Result<void> FoldContents::add(std::shared_ptr<const bundle::Reader> bundle, const Admit& admit) {
    const auto before = copies_.size();
    const auto place = static_cast<std::int32_t>(bundles_.size());
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    while (true) {
        const auto entry = index.next();
        if (!entry) {
            copies_.resize(before);
            return std::unexpected(entry.error());
        }
        if (!*entry) break;
        const auto& [key, offset, length] = **entry;
        if (admit(key, length)) copies_.push_back({key, length, place, offset});
    }
    bundles_.push_back(std::move(bundle));
    return {};
}

void FoldContents::add(std::span<const MessageKey> keys, std::span<const Bytes> messages) {
    made_ = messages;
    for (std::size_t i = 0; i < keys.size(); ++i)
        copies_.push_back({keys[i], static_cast<std::uint32_t>(messages[i].size()), in_memory, i});
}

// The journal's copy comes first: its length has been verified.
void FoldContents::arrange() {
    std::ranges::sort(copies_, {}, [](const Copy& copy) { return std::tie(copy.key, copy.bundle); });
    for (std::size_t i = 0; i < copies_.size(); ++i) {
        if (!items_.empty() && items_.back().key == copies_[i].key) continue;
        items_.push_back({copies_[i].key, copies_[i].length});
        first_copy_.push_back(i);
    }
    first_copy_.push_back(copies_.size());
}

// The medium's error counts for more than a bad copy: the message may be good.
Result<bundle::Reader::Message> FoldSource::fetch(std::size_t index, const bundle::Item& item) {
    Error bad{Errc::wrong_hash, "no copy of the message is good"};
    std::optional<Error> medium;
    std::optional<bundle::Name> unreadable;
    for (auto i = contents_.first_copy_[index]; i < contents_.first_copy_[index + 1]; ++i) {
        const auto& copy = contents_.copies_[i];
        if (copy.length != item.length) continue;
        const auto message = read(copy);
        if (message) return message;
        if (is_format_class(message.error().code) || message.error().code == Errc::wrong_hash) {
            bad = message.error();
            continue;
        }
        medium = message.error();
        if (copy.bundle >= 0) unreadable = contents_.bundles_[static_cast<std::size_t>(copy.bundle)]->name();
    }
    unreadable_ = unreadable;
    return std::unexpected(medium.value_or(bad));
}

Result<bundle::Reader::Message> FoldSource::read(const FoldContents::Copy& copy) {
    if (copy.bundle >= 0) {
        const auto& bundle = *contents_.bundles_[static_cast<std::size_t>(copy.bundle)];
        const bundle::Entry entry{copy.key, static_cast<std::uint32_t>(copy.offset), copy.length};
        return bundle.read_message(entry, identifier_, buffer_);
    }
    if (copy.bundle == in_memory) {
        const auto& made = contents_.made_[copy.offset];
        WCMP_ASSIGN(const auto digest, bundle::verify_message(made, copy.key, identifier_));
        return bundle::Reader::Message{made, digest};
    }
    WCMP_ASSIGN(buffer_, journal_.read(fold_, {copy.key, copy.offset, copy.length}));
    WCMP_ASSIGN(const auto digest, bundle::verify_message(buffer_, copy.key, identifier_));
    return bundle::Reader::Message{buffer_, digest};
}

}  // namespace wcmp::store
