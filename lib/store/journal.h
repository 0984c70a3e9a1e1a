// The journal: two files that take turns, so that clients enqueue while the other is folded
// (lib/bundle/BUNDLE.md, section 6).
#pragma once

#include "store/journal_file.h"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace wcmp::store {

inline constexpr std::array<std::string_view, 2> journal_names{"journal-0", "journal-1"};

// For several threads: one may append while another folds and others read.
class Journal {
public:
    static Result<std::unique_ptr<Journal>> open(io::Directory& directory, Random& random);
    // For a medium that is not written: what can be read of it; a file that is missing is empty.
    static Result<std::unique_ptr<Journal>> open_for_reading(const io::Directory& directory);

    // Which files take records. With `one` the other stays empty for carry(), and nothing is taken while a
    // fold is under way.
    enum class Files : std::uint8_t { both, one };

    // Appends and syncs once. no_space without an os_error: neither file takes so much now. Any other error:
    // the medium's, and nothing counts.
    Result<void> append(std::span<const ByteView> messages, std::span<const MessageKey> keys,
                        Files files = Files::both);

    // Acknowledged and not folded yet.
    bool contains(const MessageId& id) const;
    // As it lies there; not_found. What is being folded may be gone by the time it is read: the caller
    // verifies, and then looks into the bundles.
    Result<std::pair<MessageKey, Bytes>> read(const MessageId& id) const;

    // What waits for a fold, without what is being folded.
    std::uint64_t used_bytes() const;
    // All that is not in a bundle yet.
    std::size_t messages() const;

    // A file that is being folded: it takes no records until end_fold().
    struct Fold {
        std::size_t file = 0;
        std::span<const JournalRecord> records;
    };
    // The files with something in them, the one that was filled first first.
    std::vector<std::size_t> waiting() const;
    Fold begin_fold(std::size_t file);
    Result<Bytes> read(const Fold& fold, const JournalRecord& record) const;
    // Its records are in bundles: forgets and overwrites them.
    Result<void> end_fold(const Fold& fold);
    // Records of the fold into the other file, synced: end_fold() leaves them there. no_space without an
    // os_error: it does not take them.
    Result<void> carry(const Fold& fold, std::span<const ByteView> messages,
                       std::span<const MessageKey> keys);
    // All that is in the other file was carried there: overwrites it.
    Result<void> take_back(const Fold& fold);
    // They are not: it will be tried again.
    void abandon_fold(const Fold& fold);

    // The file that takes records.
    std::size_t current() const;
    void go_on_in(std::size_t file);
    bool is_torn(std::size_t file) const;
    bool is_other_empty(std::size_t file) const;
    // Holds something, and no record that the other has not.
    bool is_contained(std::size_t file) const;
    // What a process before this one wrote is on the medium after this.
    Result<void> vouch();
    std::vector<JournalRecord> missing_in_other(std::size_t file) const;

private:
    struct Place {
        std::size_t file = 0;
        JournalRecord record;

        bool operator==(const Place& other) const {
            return file == other.file && record.offset == other.record.offset;
        }
    };

    explicit Journal(std::array<JournalFile, 2> files);
    std::optional<Place> place_of(const MessageId& id) const;
    void remember(std::size_t file, std::span<const JournalRecord> records);
    std::vector<JournalRecord> missing_in(std::size_t other, std::size_t file) const;
    void forget(std::size_t file);
    bool takes(std::size_t file, std::span<const ByteView> messages) const;

    std::array<JournalFile, 2> files_;

    mutable std::mutex appending_;  // over a sync: current_, folding_, and what the files know
    std::size_t current_ = 0;
    std::array<bool, 2> folding_{};

    mutable std::mutex index_mutex_;  // never over a system call
    std::unordered_map<MessageId, Place> index_;
    std::array<std::uint64_t, 2> used_bytes_{};  // 0 while it is being folded
};

}  // namespace wcmp::store
