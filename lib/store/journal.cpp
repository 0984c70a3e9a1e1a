#include "store/journal.h"

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

Result<void> Journal::append(std::span<const ByteView> messages, std::span<const MessageKey> keys) {
    const std::scoped_lock lock(appending_);
    if (!takes(current_, messages)) {
        if (!takes(1 - current_, messages)) return fail(Errc::no_space, "the journal is full");
        current_ = 1 - current_;
    }
    auto& file = files_[current_];
    const auto known = file.records().size();
    WCMP_TRY(file.append(messages, keys));
    remember(current_, file.records().subspan(known));
    return {};
}

Result<void> Journal::rewrite() {
    const std::scoped_lock lock(appending_);
    for (auto& file : files_) WCMP_TRY(file.rewrite());
    return {};
}

bool Journal::contains(const MessageId& id) const {
    const std::scoped_lock lock(index_mutex_);
    return index_.contains(id);
}

Result<std::pair<MessageKey, Bytes>> Journal::read(const MessageId& id) const {
    Place place;
    {
        const std::scoped_lock lock(index_mutex_);
        const auto found = index_.find(id);
        if (found == index_.end()) return fail(Errc::not_found, "not in the journal");
        place = found->second;
    }
    WCMP_ASSIGN(auto bytes, files_[place.file].read(place.record));
    return std::pair(place.record.key, std::move(bytes));
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
        const std::scoped_lock lock(index_mutex_);
        std::erase_if(index_, [&](const auto& entry) { return entry.second.file == fold.file; });
    }
    const auto cleared = files_[fold.file].clear();
    const std::scoped_lock lock(appending_);
    folding_[fold.file] = false;
    return cleared;
}

void Journal::abandon_fold(const Fold& fold) {
    const std::scoped_lock lock(appending_, index_mutex_);
    folding_[fold.file] = false;
    used_bytes_[fold.file] = files_[fold.file].used_bytes();
}

}  // namespace wcmp::store
