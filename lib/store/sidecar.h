// Recognition sidecars, `<bundle name>.rec`: what clients need to find their messages without the bodies
// (lib/bundle/BUNDLE.md, section 6). Not synced, rebuilt when missing or wrong, never on a drive.
#pragma once

#include "bundle/reader.h"
#include "io/file.h"

#include <memory>

namespace wcmp::store {

// Of one message. Tags are empty and slot_exp is 255 for a suite that is not known.
struct Recognition {
    std::uint8_t suite = 0;
    std::uint8_t slot_exp = 255;
    Digest digest;
    Nonce1 nonce1;
    HintTag from_tag;
    ByteView to_tags;  // 16 each; valid as long as the sidecar
};

// One bundle's sidecar, mapped and checked.
class Sidecar {
public:
    // Reads it, or makes it from the bundle's messages when it is missing or wrong.
    static Result<std::shared_ptr<const Sidecar>> open(io::Directory& directory,
                                                       const bundle::Reader& bundle);
    Sidecar(const Sidecar&) = delete;
    Sidecar& operator=(const Sidecar&) = delete;
    ~Sidecar();

    // Of the message at a position of the index.
    Recognition at(std::uint32_t position) const;

private:
    Sidecar() = default;
    struct State;
    std::unique_ptr<State> state_;
};

std::string sidecar_name(const bundle::Name& name);

}  // namespace wcmp::store
