#include "io/file.h"

namespace wcmp::io {

Result<void> read_exactly(const ReadableFile& file, std::uint64_t offset, MutableBytes into) {
    WCMP_ASSIGN(const auto count, file.read_at(offset, into));
    if (count != into.size()) return fail(Errc::truncated, "the file ends early");
    return {};
}

}  // namespace wcmp::io
