#include "bundle/salvage.h"

namespace wcmp::bundle {
namespace {

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

std::vector<Item> items_of(const Salvage& salvage) {
    std::vector<Item> items;
    items.reserve(salvage.saved.size());
    for (const auto& message : salvage.saved) items.push_back({.key = message.key, .length = message.length});
    return items;
}

std::unique_ptr<MessageSource> salvage_source(const io::ReadableFile& file, const Salvage& salvage) {
    return std::make_unique<SalvageSource>(file, salvage);
}

}  // namespace wcmp::bundle
