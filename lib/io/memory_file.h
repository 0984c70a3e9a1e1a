// An open file of a MemoryFileSystem.
#pragma once

#include "io/memory_medium.h"

namespace wcmp::io {

// With `lock_held` it is open for writing: it gives the writer's lock back when it goes.
std::unique_ptr<WritableFile> make_memory_file(std::shared_ptr<MemoryMedium> medium, NodePointer node,
                                               bool lock_held);

}  // namespace wcmp::io
