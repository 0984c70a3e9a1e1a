#include "bundle/salvage.h"

#include "bundle/file_writer.h"
#include "core/cursor.h"
#include "message/layout.h"
#include "message/relay_check.h"

#include <algorithm>

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

// False for errors that are the file's own fault: they make the damage, and end nothing.
bool is_of_the_medium(const Error& error) {
    return !is_bad_message(error) && error.code != Errc::truncated;
}

class Salvager {
public:
    Salvager(const io::ReadableFile& file, std::uint64_t size)
        : file_(file), size_(size), budget_(2 * size) {}

    // Every index entry in range whose bytes hash to its id.
    Result<void> by_index(const Header& header) {
        for (std::uint32_t i = 0; i < header.messages; ++i) {
            std::array<std::uint8_t, limits::bundle_entry_bytes> bytes{};
            WCMP_TRY(io::read_exactly(file_, header.index_offset() + std::uint64_t{i} * bytes.size(), bytes));
            Cursor in(bytes);
            WCMP_ASSIGN(const auto id, in.fixed<MessageId>());
            WCMP_ASSIGN(const auto offset, in.u32());
            WCMP_ASSIGN(const auto length, in.u32());
            WCMP_ASSIGN(const bool saved, try_entry(id, header.messages_offset + offset, length));
            if (!saved) ++result.lost;
        }
        return {};
    }

    // Message after message from an offset, to the first failure. An unknown suite has no length of its own.
    Result<void> by_walk(std::uint64_t offset) {
        while (offset < size_) {
            WCMP_ASSIGN(const auto length, length_at(offset));
            if (!length || !in_range(offset, *length)) break;
            WCMP_TRY(load(offset, *length));
            if (!message::check_structure(buffer_)) break;
            keep(offset, identifier_.identify(buffer_).id);
            offset += *length;
        }
        if (offset < size_) {
            ++result.lost;
            result.failing_bytes += size_ - offset;
        }
        return {};
    }

    Salvage finish(Damage damage) {
        std::ranges::sort(result.saved, {}, &SavedMessage::key);
        const auto twice = std::ranges::unique(result.saved, {}, &SavedMessage::key);
        result.saved.erase(twice.begin(), twice.end());
        result.damage = damage;
        return std::move(result);
    }

    Salvage result;

private:
    bool in_range(std::uint64_t offset, std::uint64_t length) const {
        return length >= limits::message_header_bytes && length <= limits::message_bytes_max &&
               offset <= size_ && length <= size_ - offset;
    }

    Result<bool> try_entry(const MessageId& id, std::uint64_t offset, std::uint32_t length) {
        // Entries that all point at the same large range must not make the work more than linear.
        if (!in_range(offset, length) || length > budget_) return false;
        budget_ -= length;
        WCMP_TRY(load(offset, length));
        if (identifier_.identify(buffer_).id != id || !message::check_structure(buffer_)) {
            result.failing_bytes += length;
            return false;
        }
        keep(offset, id);
        return true;
    }

    Result<std::optional<std::size_t>> length_at(std::uint64_t offset) {
        std::array<std::uint8_t, limits::message_header_bytes> start{};
        WCMP_ASSIGN(const auto got, file_.read_at(offset, start));
        const auto header = message::parse_header(ByteView(start).first(got));
        if (!header || header->suite != message::suite_1 || header->body_exp < limits::body_exp_min ||
            header->body_exp > limits::body_exp_max || header->slot_exp < limits::slot_exp_min ||
            header->slot_exp > limits::slot_exp_max)
            return std::nullopt;
        return message::message_bytes(header->body_exp, header->slot_exp);
    }

    Result<void> load(std::uint64_t offset, std::size_t length) {
        buffer_.resize(length);
        return io::read_exactly(file_, offset, buffer_);
    }

    void keep(std::uint64_t offset, const MessageId& id) {
        const auto header = message::parse_header(buffer_);
        result.saved.push_back({.key = {.day = header->expires, .id = id},
                                .file_offset = offset,
                                .length = static_cast<std::uint32_t>(buffer_.size())});
    }

    const io::ReadableFile& file_;
    std::uint64_t size_;
    std::uint64_t budget_;
    Bytes buffer_;
    message::Identifier identifier_;
};

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

class SalvageSource final : public MessageSource {
public:
    SalvageSource(const io::ReadableFile& file, const Salvage& salvage) : file_(file), salvage_(salvage) {}

    Result<Reader::Message> fetch(std::size_t index, const Item& item) override {
        const auto& saved = salvage_.saved[index];
        buffer_.resize(saved.length);
        WCMP_TRY(io::read_exactly(file_, saved.file_offset, buffer_));
        WCMP_ASSIGN(const auto digest, verify_message(buffer_, item.key, identifier_));
        return Reader::Message{.bytes = buffer_, .digest = digest};
    }

private:
    const io::ReadableFile& file_;
    const Salvage& salvage_;
    Bytes buffer_;
    message::Identifier identifier_;
};

}  // namespace

Result<Salvage> salvage(const io::ReadableFile& file, const std::optional<Name>& name) {
    WCMP_ASSIGN(const auto status, file.status());
    std::array<std::uint8_t, limits::bundle_header_bytes> start{};
    WCMP_ASSIGN(const auto got, file.read_at(0, start));
    Salvager salvager(file, status.size);
    switch (classify_header(ByteView(start).first(got), status.size)) {
    case HeaderKind::void_file: return salvager.finish(Damage::void_file);
    case HeaderKind::unknown_format: return salvager.finish(Damage::unknown_format);
    case HeaderKind::damaged: {
        const auto from = messages_offset_field(start);
        if (from >= limits::bundle_header_bytes && from < status.size) WCMP_TRY(salvager.by_walk(from));
        return salvager.finish(Damage::header_wrong);
    }
    case HeaderKind::valid: break;
    }
    WCMP_ASSIGN(const auto header, parse_header(start, status.size));
    WCMP_ASSIGN(const bool sound, is_index_sound(file, name));
    WCMP_TRY(salvager.by_index(header));
    return salvager.finish(sound ? Damage::none : Damage::index_wrong);
}

std::unique_ptr<MessageSource> salvage_source(const io::ReadableFile& file, const Salvage& salvage) {
    return std::make_unique<SalvageSource>(file, salvage);
}

}  // namespace wcmp::bundle
