#include "store/journal.h"

#include <set>
#include <utility>

namespace wcmp::store {

Journal::Journal(std::array<JournalFile, 2> files) : files_(std::move(files)) {
    for (std::size_t file = 0; file < files_.size(); ++file) remember(file, files_[file].records());
}

Result<std::unique_ptr<Journal>> Journal::open(io::Directory& directory, Random& random) {
    WCMP_ASSIGN(auto first, JournalFile::open(directory, journal_names[0], random));
    WCMP_ASSIGN(auto second, JournalFile::open(directory, journal_names[1], random));
    return std::unique_ptr<Journal>(new Journal({std::move(first), std::move(second)}));
}

Result<std::unique_ptr<Journal>> Journal::open_for_reading(const io::Directory& directory) {
    WCMP_ASSIGN(auto first, JournalFile::open_for_reading(directory, journal_names[0]));
    WCMP_ASSIGN(auto second, JournalFile::open_for_reading(directory, journal_names[1]));
    return std::unique_ptr<Journal>(new Journal({std::move(first), std::move(second)}));
}

void Journal::remember(std::size_t file, std::span<const JournalRecord> records) {
    const std::scoped_lock lock(index_mutex_);
    for (const auto& record : records) index_.try_emplace(record.key.id, Place{file, record});
    used_bytes_[file] = files_[file].used_bytes();
}

bool Journal::takes(std::size_t file, std::span<const ByteView> messages) const {
    return !folding_[file] && files_[file].fits(messages);
}

Result<void> Journal::append(std::span<const ByteView> messages, std::span<const MessageKey> keys,
                             Files files) {
    const std::scoped_lock lock(appending_);
    const bool one = files == Files::one;
    if (one && (folding_[0] || folding_[1] || !takes(current_, messages)))
        return fail(Errc::no_space, journal_is_full);
    if (!takes(current_, messages)) {
        if (!takes(1 - current_, messages)) return fail(Errc::no_space, journal_is_full);
        current_ = 1 - current_;
    }
    auto& file = files_[current_];
    const auto known = file.records().size();
    WCMP_TRY(file.append(messages, keys));
    remember(current_, file.records().subspan(known));
    return {};
}

bool Journal::contains(const MessageId& id) const {
    const std::scoped_lock lock(index_mutex_);
    return index_.contains(id);
}

std::optional<Journal::Place> Journal::place_of(const MessageId& id) const {
    const std::scoped_lock lock(index_mutex_);
    const auto found = index_.find(id);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

// A place is forgotten before it is overwritten. So what was read is good if the place is the same
// afterwards; if not, the message is in the other file now, or in a bundle.
Result<std::pair<MessageKey, Bytes>> Journal::read(const MessageId& id) const {
    for (auto place = place_of(id); place;) {
        auto bytes = files_[place->file].read(place->record);
        const auto afterwards = place_of(id);
        if (afterwards == place) {
            if (!bytes) return std::unexpected(bytes.error());
            return std::pair(place->record.key, std::move(*bytes));
        }
        place = afterwards;
    }
    return fail(Errc::not_found, "not in the journal");
}

std::uint64_t Journal::used_bytes() const {
    const std::scoped_lock lock(index_mutex_);
    return used_bytes_[0] + used_bytes_[1];
}

std::size_t Journal::messages() const {
    const std::scoped_lock lock(index_mutex_);
    return index_.size();
}

std::vector<std::size_t> Journal::waiting() const {
    const std::scoped_lock lock(appending_);
    std::vector<std::size_t> result;
    for (const auto file : {1 - current_, current_}) {
        if (!folding_[file] && (files_[file].torn() || !files_[file].records().empty()))
            result.push_back(file);
    }
    return result;
}

Journal::Fold Journal::begin_fold(std::size_t file) {
    const std::scoped_lock lock(appending_, index_mutex_);
    folding_[file] = true;
    if (current_ == file) current_ = 1 - file;
    used_bytes_[file] = 0;
    return {file, files_[file].records()};
}

Result<Bytes> Journal::read(const Fold& fold, const JournalRecord& record) const {
    return files_[fold.file].read(record);
}

Result<void> Journal::end_fold(const Fold& fold) {
    {
        const std::scoped_lock lock(appending_, index_mutex_);
        forget(fold.file);
    }
    const auto cleared = files_[fold.file].clear();
    const std::scoped_lock lock(appending_);
    folding_[fold.file] = false;
    return cleared;
}

// What the other file has too is found there from now on. Both locks are held.
void Journal::forget(std::size_t file) {
    std::erase_if(index_, [&](const auto& entry) { return entry.second.file == file; });
    const auto other = 1 - file;
    for (const auto& record : files_[other].records())
        index_.try_emplace(record.key.id, Place{other, record});
}

Result<void> Journal::carry(const Fold& fold, std::span<const ByteView> messages,
                            std::span<const MessageKey> keys) {
    const std::scoped_lock lock(appending_);
    const auto other = 1 - fold.file;
    if (!takes(other, messages)) return fail(Errc::no_space, "the other file does not take what is left");
    WCMP_TRY(files_[other].append(messages, keys));
    const std::scoped_lock index(index_mutex_);
    used_bytes_[other] = files_[other].used_bytes();
    return {};
}

Result<void> Journal::take_back(const Fold& fold) {
    const std::scoped_lock lock(appending_);
    const auto other = 1 - fold.file;
    {
        const std::scoped_lock index(index_mutex_);
        forget(other);
        used_bytes_[other] = 0;
        current_ = fold.file;
    }
    return files_[other].clear();
}

std::size_t Journal::current() const {
    const std::scoped_lock lock(appending_);
    return current_;
}

void Journal::go_on_in(std::size_t file) {
    const std::scoped_lock lock(appending_);
    current_ = file;
}

bool Journal::is_torn(std::size_t file) const {
    const std::scoped_lock lock(appending_);
    return files_[file].torn();
}

bool Journal::is_other_empty(std::size_t file) const {
    const std::scoped_lock lock(appending_);
    const auto& other = files_[1 - file];
    return !other.torn() && other.records().empty();
}

bool Journal::is_contained(std::size_t file) const {
    const std::scoped_lock lock(appending_);
    const bool is_empty = !files_[file].torn() && files_[file].records().empty();
    return !is_empty && missing_in(1 - file, file).empty();
}

Result<void> Journal::vouch() {
    const std::scoped_lock lock(appending_);
    for (auto& file : files_) WCMP_TRY(file.vouch());
    return {};
}

std::vector<JournalRecord> Journal::missing_in_other(std::size_t file) const {
    const std::scoped_lock lock(appending_);
    return missing_in(1 - file, file);
}

std::vector<JournalRecord> Journal::missing_in(std::size_t other, std::size_t file) const {
    std::set<MessageKey> known;
    for (const auto& record : files_[other].records()) known.insert(record.key);
    std::vector<JournalRecord> missing;
    for (const auto& record : files_[file].records())
        if (known.insert(record.key).second) missing.push_back(record);
    return missing;
}

void Journal::abandon_fold(const Fold& fold) {
    const std::scoped_lock lock(appending_, index_mutex_);
    folding_[fold.file] = false;
    used_bytes_[fold.file] = files_[fold.file].used_bytes();
}

}  // namespace wcmp::store
