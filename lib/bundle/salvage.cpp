#include "bundle/salvage.h"

#include "bundle/file_writer.h"
#include "core/cursor.h"
#include "message/layout.h"
#include "message/relay_check.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::bundle {
namespace {

// A file that somebody else owns, for a Reader.
class Borrowed final : public io::ReadableFile {
public:
    explicit Borrowed(const io::ReadableFile& file) : file_(file) {}
    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return file_.read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return file_.status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_.map(offset, length);
    }
    Result<bool> no_writer() const override { return file_.no_writer(); }

private:
    const io::ReadableFile& file_;
};

// False for errors that are the file's own fault, or one place's: they make the damage, and end nothing.
bool is_of_the_medium(const Error& error) {
    return !is_bad_message(error) && error.code != Errc::truncated && error.os_error != EIO;
}

// True when header, name, day table and index are as they should be.
Result<bool> is_index_sound(const io::ReadableFile& file, const std::optional<Name>& name) {
    const auto reader = Reader::open(std::make_unique<Borrowed>(file), name);
    if (!reader && is_of_the_medium(reader.error())) return std::unexpected(reader.error());
    if (!reader) return false;
    IndexStream index(*reader, limits::drive_read_bytes);
    for (;;) {
        const auto entry = index.next();
        if (!entry && is_of_the_medium(entry.error())) return std::unexpected(entry.error());
        if (!entry) return false;
        if (!*entry) return true;
    }
}

// The field that says where the messages start, read without the rest of the header.
std::uint64_t messages_offset_field(ByteView start) {
    Cursor in(start.subspan(24));
    return in.u64().value_or(0);
}

// The length that a message's first bytes give it. An unknown suite has no length of its own.
std::optional<std::size_t> length_of(ByteView start) {
    const auto header = message::parse_header(start);
    if (!header || header->suite != message::suite_1 ||
        !message::exponents_in_range(header->body_exp, header->slot_exp))
        return std::nullopt;
    return message::message_bytes(header->body_exp, header->slot_exp);
}

}  // namespace

Result<Salvager> Salvager::open(const io::ReadableFile& file, const std::optional<Name>& name) {
    WCMP_ASSIGN(const auto status, file.status());
    std::array<std::uint8_t, limits::bundle_header_bytes> start{};
    WCMP_ASSIGN(const auto got, file.read_at(0, start));
    Salvager made(file, status.size);
    switch (classify_header(ByteView(start).first(got), status.size)) {
    case HeaderKind::void_file: made.damage_ = Damage::void_file; return made;
    case HeaderKind::unknown_format: made.damage_ = Damage::unknown_format; return made;
    case HeaderKind::damaged: {
        const auto from = messages_offset_field(start);
        made.damage_ = Damage::header_wrong;
        if (from < limits::bundle_header_bytes || from >= status.size) return made;
        made.at_ = from;
        made.end_ = status.size;
        return made;
    }
    case HeaderKind::valid: break;
    }
    WCMP_ASSIGN(const auto header, parse_header(start, status.size));
    WCMP_ASSIGN(const bool sound, is_index_sound(file, name));
    made.damage_ = sound ? Damage::none : Damage::index_wrong;
    made.index_offset_ = header.index_offset();
    made.messages_offset_ = header.messages_offset;
    made.end_ = header.messages;
    return made;
}

Result<Salvage> Salvager::next(const Limits& limits) {
    result_ = {};
    WCMP_TRY(damage_ == Damage::header_wrong ? by_walk(limits) : by_index(limits));
    std::ranges::sort(result_.saved, {}, &SavedMessage::key);
    const auto twice = std::ranges::unique(result_.saved, {}, &SavedMessage::key);
    result_.saved.erase(twice.begin(), twice.end());
    result_.damage = damage_;
    return std::move(result_);
}

bool Salvager::is_enough(const Limits& limits) const {
    return result_.saved.size() >= limits.saved_max || result_.failing_bytes >= limits.failing_bytes_max;
}

// Every index entry in range whose bytes hash to its id, in small steps: one that cannot be read costs no
// more.
Result<void> Salvager::by_index(const Limits& limits) {
    constexpr std::uint64_t step = 64;
    std::array<std::uint8_t, step * limits::bundle_entry_bytes> buffer{};
    while (!done() && !is_enough(limits)) {
        const auto count = std::min(step, end_ - at_);
        const auto entries = MutableBytes(buffer).first(count * limits::bundle_entry_bytes);
        WCMP_ASSIGN(const bool readable, read(index_offset_ + at_ * limits::bundle_entry_bytes, entries));
        if (readable) {
            WCMP_TRY(try_entries(entries, limits));
        } else {
            result_.lost += count;
            at_ += count;
        }
    }
    return {};
}

Result<void> Salvager::try_entries(ByteView entries, const Limits& limits) {
    Cursor in(entries);
    for (; in.remaining() > 0 && !is_enough(limits); ++at_) {
        WCMP_ASSIGN(const auto id, in.fixed<MessageId>());
        WCMP_ASSIGN(const auto offset, in.u32());
        WCMP_ASSIGN(const auto length, in.u32());
        const auto before = result_.saved.size();
        WCMP_TRY(try_entry(id, messages_offset_ + offset, length));
        if (result_.saved.size() == before) ++result_.lost;
    }
    return {};
}

Result<void> Salvager::try_entry(const MessageId& id, std::uint64_t offset, std::uint32_t length) {
    // Entries that all point at the same large range must not make the work more than linear.
    if (!in_range(offset, length) || length > budget_) return {};
    budget_ -= length;
    buffer_.resize(length);
    WCMP_ASSIGN(const bool readable, read(offset, buffer_));
    if (!readable) return {};
    if (identifier_.identify(buffer_).id != id || !message::check_structure(buffer_))
        result_.failing_bytes += length;
    else
        keep(offset, id);
    return {};
}

// Message after message from an offset, to the first failure.
Result<void> Salvager::by_walk(const Limits& limits) {
    while (!done() && !is_enough(limits)) {
        WCMP_ASSIGN(const bool saved, step());
        if (saved) continue;
        ++result_.lost;
        result_.failing_bytes += end_ - at_;
        at_ = end_;
    }
    return {};
}

Result<bool> Salvager::step() {
    std::array<std::uint8_t, limits::message_header_bytes> start{};
    if (size_ - at_ < start.size()) return false;
    WCMP_ASSIGN(const bool begun, read(at_, start));
    const auto length = begun ? length_of(start) : std::nullopt;
    if (!length || !in_range(at_, *length)) return false;
    buffer_.resize(*length);
    WCMP_ASSIGN(const bool readable, read(at_, buffer_));
    if (!readable || !message::check_structure(buffer_)) return false;
    keep(at_, identifier_.identify(buffer_).id);
    at_ += *length;
    return true;
}

bool Salvager::in_range(std::uint64_t offset, std::uint64_t length) const {
    return length >= limits::message_header_bytes && length <= limits::message_bytes_max && offset <= size_ &&
           length <= size_ - offset;
}

// False for a place that gives nothing. A medium that gives nothing time after time is gone.
Result<bool> Salvager::read(std::uint64_t offset, MutableBytes into) {
    const auto done = io::read_exactly(*file_, offset, into);
    if (done) {
        failures_in_a_row_ = 0;
        return true;
    }
    if (done.error().code != Errc::truncated) {
        if (done.error().os_error != EIO || ++failures_in_a_row_ >= limits::unreadable_in_a_row_max)
            return std::unexpected(done.error());
        ++result_.unreadable;
    }
    result_.failing_bytes += into.size();
    return false;
}

void Salvager::keep(std::uint64_t offset, const MessageId& id) {
    const auto header = message::parse_header(buffer_);
    result_.saved.push_back({.key = {.day = header->expires, .id = id},
                             .file_offset = offset,
                             .length = static_cast<std::uint32_t>(buffer_.size())});
}

Result<Salvage> salvage(const io::ReadableFile& file, const std::optional<Name>& name) {
    WCMP_ASSIGN(auto salvager, Salvager::open(file, name));
    return salvager.next({});
}

}  // namespace wcmp::bundle
