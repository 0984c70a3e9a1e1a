// Any bytes as a damaged bundle: what is saved must hold, lie inside the file, and be in order.
#include "bundle/salvage.h"

#include "unit/bundle/memory_file.h"

#include <cstdlib>

using namespace wcmp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto contents = std::make_shared<bundle::test::FileContents>();
    contents->bytes.assign(data, data + size);
    const bundle::test::MemoryFile file(contents);
    const auto found = bundle::salvage(file, std::nullopt);
    if (!found) return 0;
    const auto source = bundle::salvage_source(file, *found);
    for (std::size_t i = 0; i < found->saved.size(); ++i) {
        const auto& saved = found->saved[i];
        if (saved.file_offset + saved.length > size) std::abort();
        if (i > 0 && saved.key <= found->saved[i - 1].key) std::abort();
        if (!source->fetch(i, {.key = saved.key, .length = saved.length})) std::abort();
    }
    return 0;
}
