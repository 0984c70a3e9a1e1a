// What can be saved from a damaged bundle (BUNDLE.md, section 8). Linear, whatever the damage.
#pragma once

#include "bundle/message_source.h"
#include "io/file.h"

#include <memory>
#include <vector>

namespace wcmp::bundle {

enum class Damage : std::uint8_t { none, void_file, index_wrong, header_wrong, unknown_format };

struct SavedMessage {
    MessageKey key;
    std::uint64_t file_offset = 0;
    std::uint32_t length = 0;
};

struct Salvage {
    Damage damage = Damage::none;
    std::vector<SavedMessage> saved;  // sorted by key, no key twice
    std::uint64_t lost = 0;           // index entries, or an unfinished walk (1), that gave nothing
    std::uint64_t failing_bytes = 0;  // read in vain
    // Places that the medium did not give (EIO): what they hold is counted as lost, and another reading, or
    // another machine, may still get it.
    std::uint64_t unreadable = 0;
};

// Goes through a file in rounds, so that memory does not grow with it.
class Salvager {
public:
    // Looks at header and index. `name` is what the file is called; a hash or day that contradicts it is
    // damage too. The file must outlive this. Errors are the medium's.
    static Result<Salvager> open(const io::ReadableFile& file, const std::optional<Name>& name);

    Damage damage() const { return damage_; }
    bool done() const { return at_ >= end_; }

    // Goes on until so many messages are saved or so many bytes read in vain, or the file ends. An error
    // means that the medium is gone, or gives nothing any more.
    struct Limits {
        std::size_t saved_max = ~std::size_t{0};
        std::uint64_t failing_bytes_max = ~std::uint64_t{0};
    };
    Result<Salvage> next(const Limits& limits);

private:
    Salvager(const io::ReadableFile& file, std::uint64_t size)
        : file_(&file), size_(size), budget_(2 * size) {}

    Result<void> by_index(const Limits& limits);
    Result<void> try_entries(ByteView entries, const Limits& limits);
    Result<void> try_entry(const MessageId& id, std::uint64_t offset, std::uint32_t length);
    Result<void> by_walk(const Limits& limits);
    Result<bool> step();
    bool is_enough(const Limits& limits) const;
    bool in_range(std::uint64_t offset, std::uint64_t length) const;
    Result<bool> read(std::uint64_t offset, MutableBytes into);
    void keep(std::uint64_t offset, const MessageId& id);

    const io::ReadableFile* file_;
    std::uint64_t size_;
    std::uint64_t budget_;
    Damage damage_ = Damage::none;
    std::uint64_t index_offset_ = 0;
    std::uint64_t messages_offset_ = 0;
    std::uint64_t at_ = 0;  // an entry of the index, or an offset in the file
    std::uint64_t end_ = 0;
    unsigned failures_in_a_row_ = 0;
    Salvage result_;
    Bytes buffer_;
    message::Identifier identifier_;
};

// A whole file at once, for one that is not from a drive.
Result<Salvage> salvage(const io::ReadableFile& file, const std::optional<Name>& name);

// The saved messages as items of a commit, and as their source, in the order of `saved`.
std::vector<Item> items_of(const Salvage& salvage);
std::unique_ptr<MessageSource> salvage_source(const io::ReadableFile& file, const Salvage& salvage);

}  // namespace wcmp::bundle
