// Reads a bundle that anybody may have written. Everything a count or length says is checked against the
// file's size before anything is allocated.
#pragma once

#include "bundle/layout.h"
#include "bundle/name.h"
#include "crypto/sha256.h"
#include "io/file.h"
#include "message/identify.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::bundle {

// What opening reads: a header and the day table of nearly every bundle.
inline constexpr std::size_t first_read_bytes = 4096;

// A bundle whose header and day table fit its size. Its index is not verified yet: see IndexStream.
// Shared between threads: all of it is const.
class Reader {
public:
    // E_BUNDLE: header, day table or name do not fit. With a name, its days and hash must be the header's.
    static Result<std::shared_ptr<Reader>> open(std::unique_ptr<io::ReadableFile> file,
                                                std::optional<Name> name);

    const Header& header() const { return header_; }
    const Name& name() const { return name_; }  // as computed from the header and the day table
    std::span<const DayCount> days() const { return days_; }
    // The position of the first message of days()[day]; for day = days().size(), the number of messages.
    std::uint32_t first_of_day(std::size_t day) const { return first_of_day_[day]; }
    // The place in days() of the message at a position below header().messages.
    std::size_t day_at(std::uint32_t position) const;
    const io::ReadableFile& file() const { return *file_; }

    // Entries first, first + 1, ... into `out`, as they are on the medium: nothing about them is verified.
    // With map_index() done, no system call.
    Result<void> read_entries(std::uint32_t first, std::span<Entry> out) const;

    // Maps the index. For the store only, before the reader is shared.
    Result<void> map_index();
    bool is_mapped() const { return index_ != nullptr; }
    // False once the medium did not give a page of the mapped index, which reads as zeros from then on: what
    // was read before this is asked is only good if it is true.
    bool is_whole() const { return !index_ || index_->is_whole(); }

    // The bytes of `count` entries from position `first` on, inside the index: a view of the mapped index, or
    // of `buffer`, which must hold them. E_BUNDLE when the file ends before them. A mapped index that is not
    // whole is read into `buffer` if that holds them; otherwise the view has zeros, which no hash matches.
    Result<ByteView> read_index(std::uint32_t first, std::uint32_t count, MutableBytes buffer) const;

    // The entry with this key or id, by search in an index whose order is believed. Errc::not_found.
    // What is found must be verified by reading the message.
    Result<Entry> find(const MessageKey& key) const;
    Result<Entry> find(const MessageId& id) const;

    // The message of an entry, verified: in range, hashed against the id, day as the table says, relay check
    // without its day. The view is of `buffer`. Errors: wrong_hash, a class of the format, or the medium's.
    struct Message {
        ByteView bytes;
        Digest digest;
    };
    Result<Message> read_message(const Entry& entry, message::Identifier& identifier, Bytes& buffer) const;

private:
    Reader() = default;
    Result<void> read_day_table(ByteView start);

    std::unique_ptr<io::ReadableFile> file_;
    std::unique_ptr<io::Mapping> index_;
    Header header_;
    Name name_;
    std::vector<DayCount> days_;
    std::vector<std::uint32_t> first_of_day_;  // one more than days
};

// Hash, day and structure of bytes that claim to be the message of a key. wrong_hash, or a class of the
// format (E_BUNDLE: the day is not the message's).
Result<Digest> verify_message(ByteView message, const MessageKey& key, message::Identifier& identifier);

// Where the hash of an index stood at the start of each of its blocks, kept while the whole was verified:
// whatever block is read a second time must bring the hash to where the next one started.
struct IndexDigests {
    static constexpr std::uint32_t entries_per_block = 1024;
    std::vector<crypto::Sha256> before;  // by block: of the day table and of all blocks before it
};

// Streams an index in (day, id) order while it computes the hash and checks the order, the offsets and the
// lengths.
class IndexStream {
public:
    // Reads in steps of at most buffer_bytes.
    IndexStream(std::shared_ptr<const Reader> reader, std::size_t buffer_bytes);
    IndexStream(IndexStream&&) noexcept;
    IndexStream& operator=(IndexStream&&) noexcept;
    ~IndexStream();

    const Reader& reader() const;

    // The next entry, or nothing after the last one, when the hash has matched too. E_BUNDLE when
    // something is wrong: then nothing that came from this stream may take effect.
    Result<std::optional<Entry>> next();

    // The position of the entry that next() answered last.
    std::uint32_t position() const;

    // After the last entry: what later partial readings are compared with.
    std::shared_ptr<const IndexDigests> digests() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Entries at given positions of an index that was verified before, read again and compared block by block.
// E_BUNDLE when the medium gives other bytes than the first time.
class VerifiedIndex {
public:
    VerifiedIndex(std::shared_ptr<const Reader> reader, std::shared_ptr<const IndexDigests> digests);
    VerifiedIndex(VerifiedIndex&&) noexcept;
    VerifiedIndex& operator=(VerifiedIndex&&) noexcept;
    ~VerifiedIndex();

    Result<Entry> at(std::uint32_t position);
    // The first position whose key is not below `key`.
    Result<std::uint32_t> lower_bound(const MessageKey& key);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::bundle
