// The messages of a fold: from the journal, and from the bundles that it absorbs.
#pragma once

#include "bundle/message_source.h"
#include "message/admission.h"
#include "store/journal.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::store {

// What goes into the new bundle, in ascending order, each message once, with all its copies.
class FoldContents {
public:
    // Whether a message may go in.
    using Admit = std::function<bool(const MessageKey& key, std::uint32_t length)>;

    void add(std::span<const JournalRecord> records, const Admit& admit);
    // E_BUNDLE: its index is wrong, and nothing of it has been added.
    Result<void> add(std::shared_ptr<const bundle::Reader> bundle, const Admit& admit);
    // Dummies, in memory: they must outlive the contents. One key each.
    void add(std::span<const MessageKey> keys, std::span<const Bytes> messages);
    // After the last add().
    void arrange();

    std::span<const bundle::Item> items() const { return items_; }

private:
    friend class FoldSource;
    struct Copy {
        MessageKey key;
        std::uint32_t length = 0;
        std::int32_t bundle = -1;  // -1: the journal; -2: in memory
        // In the journal file, from the start of the bundle's messages, or the place in memory.
        std::uint64_t offset = 0;
    };

    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
    std::span<const Bytes> made_;
    std::vector<Copy> copies_;
    std::vector<bundle::Item> items_;
    std::vector<std::size_t> first_copy_;  // of each item, and one more
};

// Of an item's copies, the first that is good. Reads the journal's part through `fold`. What is given must
// outlive it.
class FoldSource final : public bundle::MessageSource {
public:
    FoldSource(const FoldContents& contents, const Journal& journal, const Journal::Fold& fold)
        : contents_(contents), journal_(journal), fold_(fold) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override;

    // The bundle that the medium did not give, if that ended the reading.
    const std::optional<bundle::Name>& unreadable() const { return unreadable_; }

private:
    Result<bundle::Reader::Message> read(const FoldContents::Copy& copy);

    const FoldContents& contents_;
    const Journal& journal_;
    const Journal::Fold& fold_;
    std::optional<bundle::Name> unreadable_;
    message::Identifier identifier_;
    Bytes buffer_;
};

}  // namespace wcmp::store
