// An uploaded bundle as a drive that is read once: a directory with one file, which takes nothing.
#pragma once

#include "bundle/reader.h"
#include "io/file.h"

#include <memory>

namespace wcmp::node {

// The file's name is what its header says; nobody gave it another.
std::unique_ptr<io::Directory> spooled_drive(std::shared_ptr<const io::ReadableFile> file,
                                             const bundle::Name& name);

// The file itself for a reader, while others read it too.
std::unique_ptr<io::ReadableFile> share(std::shared_ptr<const io::ReadableFile> file);

}  // namespace wcmp::node
