#include "storage_limits.h"

#include "core/limits.h"
#include "crypto/sha256.h"
#include "row.h"
#include "scratch.h"

#include <algorithm>

namespace wcmp::bench {
namespace {

constexpr std::uint64_t step_bytes = std::uint64_t{1} << 20;

const Bytes& block() {
    static const Bytes bytes(step_bytes, 0x5a);
    return bytes;
}

}  // namespace

double hash_s(std::uint64_t bytes) {
    return seconds_of([&] {
        crypto::Sha256 hash;
        for (std::uint64_t done = 0; done < bytes; done += step_bytes)
            hash.update(ByteView(block()).first(std::min(step_bytes, bytes - done)));
        benchmark::DoNotOptimize(hash.finish());
    });
}

double write_s(const std::filesystem::path& path, std::uint64_t bytes) {
    const auto directory = folder(path);
    const double seconds = seconds_of([&] {
        const auto file = must(directory->create("limit"));
        for (std::uint64_t done = 0; done < bytes; done += step_bytes)
            must(file->write_at(done, ByteView(block()).first(std::min(step_bytes, bytes - done))));
        must(file->sync());
    });
    must(directory->unlink("limit"));
    return seconds;
}

double read_s(const std::filesystem::path& path, std::uint64_t bytes) {
    const auto directory = folder(path);
    std::vector<std::string> names;
    must(directory->list([&](std::string_view name) { names.emplace_back(name); }));
    std::ranges::sort(names);
    Bytes buffer(limits::drive_read_bytes);
    return seconds_of([&] {
        std::uint64_t left = bytes;
        for (const auto& name : names) {
            const auto file = must(directory->open(name));
            for (std::uint64_t at = 0; left > 0;) {
                const auto wanted = MutableBytes(buffer).first(std::min<std::uint64_t>(buffer.size(), left));
                const auto count = must(file->read_at(at, wanted));
                if (count == 0) break;
                at += count;
                left -= count;
            }
        }
        must_be(left == 0, "the folder is shorter than what is to be read");
    });
}

}  // namespace wcmp::bench
