#include "core/crc32c.h"
#include "core/cursor.h"
#include "core/limits.h"
#include "store/sidecar.h"
#include "store/sidecar_layout.h"

namespace wcmp::store {
namespace {

constexpr std::uint32_t records_per_start = 16;

// The length of the record that starts here; nothing when no record starts so.
std::optional<std::size_t> record_bytes_at(ByteView rest) {
    if (rest.size() < 2) return std::nullopt;
    const auto slot_exp = rest[1];
    const bool known = slot_exp >= limits::slot_exp_min && slot_exp <= limits::slot_exp_max;
    if (!known && slot_exp != slot_exp_unknown) return std::nullopt;
    const auto length = sidecar_record_bytes(slot_exp);
    return length <= rest.size() ? std::optional(length) : std::nullopt;
}

Result<void> check_header(ByteView file, const IndexHash& index_hash, std::uint32_t messages) {
    Cursor cursor(file);
    WCMP_ASSIGN(const auto magic, cursor.take(sidecar_magic.size()));
    WCMP_ASSIGN(const auto hash, cursor.fixed<IndexHash>());
    WCMP_ASSIGN(const auto count, cursor.u32());
    WCMP_ASSIGN(const auto checksum, cursor.u32());
    if (!std::ranges::equal(magic, sidecar_magic) || hash != index_hash || count != messages)
        return fail(Errc::invalid, "a sidecar of another bundle");
    if (crc32c(file.subspan(sidecar_header_bytes)) != checksum)
        return fail(Errc::invalid, "a sidecar is damaged");
    return {};
}

}  // namespace

Result<SidecarIndex> SidecarIndex::check(ByteView file, const IndexHash& index_hash, std::uint32_t messages) {
    WCMP_TRY(check_header(file, index_hash, messages));
    SidecarIndex index;
    std::size_t offset = sidecar_header_bytes;
    for (std::uint32_t position = 0; position < messages; ++position) {
        if (position % records_per_start == 0) index.starts_.push_back(static_cast<std::uint32_t>(offset));
        const auto length = record_bytes_at(file.subspan(offset));
        if (!length) return fail(Errc::invalid, "a record of a sidecar is wrong");
        offset += *length;
    }
    if (offset != file.size()) return fail(Errc::invalid, "a sidecar goes on after its last record");
    return index;
}

Result<Recognition> SidecarIndex::at(ByteView file, std::uint32_t position) const {
    std::size_t offset = starts_[position / records_per_start];
    auto length = record_bytes_at(file.subspan(offset));
    for (std::uint32_t i = 0; length && i < position % records_per_start; ++i) {
        offset += *length;
        length = record_bytes_at(file.subspan(offset));
    }
    if (!length) return fail(Errc::invalid, "a sidecar is not what it was");

    Recognition result;
    result.suite = file[offset];
    result.slot_exp = file[offset + 1];
    if (result.slot_exp == slot_exp_unknown) return result;
    const auto fields = file.subspan(offset + 2, *length - 2);
    result.digest = Digest::from(fields.first(32));
    result.nonce1 = Nonce1::from(fields.subspan(32, 16));
    result.from_tag = HintTag::from(fields.subspan(48, 16));
    result.to_tags = fields.subspan(64);
    return result;
}

}  // namespace wcmp::store
