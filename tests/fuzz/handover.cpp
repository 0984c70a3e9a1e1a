// Any bytes as a message between wcmpd and wcmp-mountd: what is taken is written again as the same bytes.
#include "drives/handover.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto message = wcmp::drives::handover::decode({data, size});
    if (message && !std::ranges::equal(wcmp::drives::handover::encode(*message), wcmp::ByteView(data, size)))
        std::abort();
    return 0;
}
