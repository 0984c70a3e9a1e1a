#include "store/journal_file.h"

#include "core/limits.h"
#include "store/journal_layout.h"

namespace wcmp::store {

struct JournalFile::State {
    std::unique_ptr<io::WritableFile> file;           // none: for reading only
    std::unique_ptr<io::ReadableFile> readable_file;  // then; none: there is none
    Random* random = nullptr;
    JournalScan content;
    bool failed = false;
    bool is_inherited = false;  // found at opening, and not written by this process yet
    bool cut_off = false;
};

JournalFile::JournalFile() = default;
JournalFile::JournalFile(JournalFile&&) noexcept = default;
JournalFile& JournalFile::operator=(JournalFile&&) noexcept = default;
JournalFile::~JournalFile() = default;

namespace {

constexpr std::size_t zeros_at_once_bytes = std::size_t{256} << 10;
constexpr std::size_t read_at_once_bytes = 4096;

Result<void> write_zeros(io::WritableFile& file, std::uint64_t from, std::uint64_t to) {
    const Bytes zeros(std::min<std::uint64_t>(zeros_at_once_bytes, to - std::min(from, to)));
    while (from < to) {
        const auto part = std::min<std::uint64_t>(zeros.size(), to - from);
        WCMP_TRY(file.write_at(from, ByteView(zeros).first(part)));
        from += part;
    }
    return {};
}

// Times tell when somebody sent something (THREATS.md, section on seizure): none stays.
Result<void> settle(io::WritableFile& file) {
    WCMP_TRY(file.set_constant_times());
    return file.sync_data();
}

Result<std::unique_ptr<io::WritableFile>> open_or_make(io::Directory& directory, std::string_view name) {
    auto opened = directory.open_for_writing(name);
    if (opened || opened.error().code != Errc::not_found) return opened;
    return directory.create(name);
}

// All of a journal's blocks are there before its first record.
Result<void> complete(io::Directory& directory, io::WritableFile& file) {
    WCMP_ASSIGN(const auto status, file.status());
    if (status.size >= limits::journal_file_bytes) return {};
    WCMP_TRY(write_zeros(file, status.size, limits::journal_file_bytes));
    WCMP_TRY(file.set_constant_times());
    WCMP_TRY(file.sync());
    return directory.sync();
}

// To the first place that cannot be read: there the records end as well.
Bytes read_what_is_given(const io::ReadableFile& file, bool& cut_off) {
    Bytes bytes(limits::journal_file_bytes);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto part =
            MutableBytes(bytes).subspan(done, std::min(read_at_once_bytes, bytes.size() - done));
        const auto got = file.read_at(done, part);
        cut_off = !got;
        if (cut_off || *got == 0) break;
        done += *got;
    }
    bytes.resize(done);
    return bytes;
}

}  // namespace

Result<JournalFile> JournalFile::open(io::Directory& directory, std::string_view name, Random& random) {
    WCMP_ASSIGN(auto file, open_or_make(directory, name));
    WCMP_TRY(complete(directory, *file));
    file->will_read(0, limits::journal_file_bytes);
    WCMP_ASSIGN(auto content, scan_journal(*file));
    JournalFile result;
    result.state_ = std::make_unique<State>();
    result.state_->file = std::move(file);
    result.state_->random = &random;
    result.state_->is_inherited = !content.records.empty();
    result.state_->content = std::move(content);
    return result;
}

Result<JournalFile> JournalFile::open_for_reading(const io::Directory& directory, std::string_view name) {
    auto file = directory.open(name);
    if (!file && file.error().code != Errc::not_found) return std::unexpected(file.error());
    JournalFile result;
    result.state_ = std::make_unique<State>();
    result.state_->failed = true;
    if (!file) return result;
    result.state_->content = scan_journal(read_what_is_given(**file, result.state_->cut_off));
    result.state_->readable_file = std::move(*file);
    return result;
}

std::span<const JournalRecord> JournalFile::records() const {
    return state_->content.records;
}

bool JournalFile::torn() const {
    return state_->failed || state_->content.torn();
}

std::uint64_t JournalFile::used_bytes() const {
    return state_->content.used_bytes;
}

bool JournalFile::is_cut_off() const {
    return state_->cut_off;
}

bool JournalFile::fits(std::span<const ByteView> messages) const {
    if (torn()) return false;
    std::uint64_t end = std::max<std::uint64_t>(used_bytes(), journal_header_bytes);
    for (const auto message : messages) end += record_bytes(message.size());
    return end <= limits::journal_file_bytes;
}

// The header of a new turn goes out together with its first records: until these verify, nothing was
// promised.
Result<void> JournalFile::append(std::span<const ByteView> messages, std::span<const MessageKey> keys) {
    if (!fits(messages)) return fail(Errc::no_space, journal_is_full);
    auto& content = state_->content;
    Bytes bytes;
    Writer writer(bytes);
    auto turn = content.turn;
    if (!turn) {
        WCMP_TRY(state_->random->fill(turn.emplace()));
        writer.bytes(journal_magic);
        writer.bytes(*turn);
    }
    const auto start = content.turn ? content.used_bytes : 0;
    for (const auto message : messages) write_record(writer, *turn, message);

    state_->failed = true;
    content.dirty_bytes = start + bytes.size();
    WCMP_TRY(state_->file->write_at(start, bytes));
    WCMP_TRY(settle(*state_->file));
    state_->failed = false;

    content.used_bytes = std::max<std::uint64_t>(content.used_bytes, journal_header_bytes);
    content.turn = turn;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto length = static_cast<std::uint32_t>(messages[i].size());
        content.records.push_back({keys[i], content.used_bytes + record_header_bytes, length});
        content.used_bytes += record_bytes(length);
    }
    return {};
}

// What was read at opening may have left the cache since, and the medium may hold less.
Result<void> JournalFile::vouch() {
    if (!state_->is_inherited) return {};
    Bytes bytes(used_bytes());
    WCMP_TRY(io::read_exactly(*state_->file, 0, bytes));
    if (scan_journal(bytes).records.size() != records().size())
        return fail(Errc::io, "the journal does not hold any more what was read of it");
    state_->failed = true;
    WCMP_TRY(state_->file->write_at(0, bytes));
    WCMP_TRY(settle(*state_->file));
    state_->failed = state_->is_inherited = false;
    return {};
}

Result<Bytes> JournalFile::read(const JournalRecord& record) const {
    Bytes bytes(record.length);
    const io::ReadableFile& file = state_->file ? *state_->file : *state_->readable_file;
    WCMP_TRY(io::read_exactly(file, record.offset, bytes));
    return bytes;
}

// In two steps: a header that went first would leave messages on the disk that nothing ever clears.
Result<void> JournalFile::clear() {
    if (!state_->file) return fail(Errc::read_only, "the journal is open for reading only");
    auto& content = state_->content;
    const auto end = std::max(content.dirty_bytes, content.used_bytes);
    if (end == 0) return {};
    state_->failed = true;
    if (end > journal_header_bytes) {
        WCMP_TRY(write_zeros(*state_->file, journal_header_bytes, end));
        WCMP_TRY(settle(*state_->file));
    }
    WCMP_TRY(write_zeros(*state_->file, 0, journal_header_bytes));
    WCMP_TRY(settle(*state_->file));
    content = {};
    state_->failed = state_->is_inherited = false;
    return {};
}

}  // namespace wcmp::store
