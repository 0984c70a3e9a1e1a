#include "core/error.h"

#include <cerrno>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace wcmp::core {
namespace {

constexpr auto last_code = Errc::internal;

std::vector<Errc> all_codes() {
    std::vector<Errc> codes;
    for (unsigned code = 0; code <= static_cast<unsigned>(last_code); ++code)
        codes.push_back(static_cast<Errc>(code));
    return codes;
}

TEST(Errc, EachHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (const auto code : all_codes()) names.insert(to_string(code));
    EXPECT_EQ(names.size(), all_codes().size());
}

TEST(Errc, TheFormatsClassesHaveTheFormatsNames) {
    for (const auto code : all_codes()) EXPECT_EQ(is_format_class(code), to_string(code).starts_with("E_"));
    EXPECT_EQ(to_string(Errc::not_mine), "E_NOT_MINE");
    EXPECT_EQ(to_string(Errc::bundle), "E_BUNDLE");
    EXPECT_TRUE(is_format_class(Errc::size));
    EXPECT_FALSE(is_format_class(Errc::truncated));
}

TEST(Error, ComesFromErrno) {
    struct Case {
        int os_error;
        Errc code;
    };
    for (const auto& [os_error, code] :
         {Case{ENOENT, Errc::not_found}, Case{ENOTDIR, Errc::not_found}, Case{EEXIST, Errc::exists},
          Case{EAGAIN, Errc::busy}, Case{EBUSY, Errc::busy}, Case{ENOSPC, Errc::no_space},
          Case{EDQUOT, Errc::no_space}, Case{EFBIG, Errc::no_space}, Case{EROFS, Errc::read_only},
          Case{EACCES, Errc::denied}, Case{EPERM, Errc::denied}, Case{ELOOP, Errc::not_regular},
          Case{EXDEV, Errc::not_regular}, Case{EISDIR, Errc::not_regular}, Case{ENXIO, Errc::not_regular},
          Case{EIO, Errc::io}, Case{EINVAL, Errc::io}, Case{EMFILE, Errc::io}}) {
        const auto error = error_from_errno("cannot", os_error);
        EXPECT_EQ(error.code, code) << os_error;
        EXPECT_EQ(error.os_error, os_error);
        EXPECT_EQ(error.what, "cannot");
    }
}

TEST(Error, IsDescribedInOneLine) {
    EXPECT_EQ(describe(error_from_errno("cannot create the file", ENOSPC)),
              "cannot create the file: No space left on device (no_space)");
    EXPECT_EQ(describe({Errc::size, "too short"}), "too short (E_SIZE)");
}

Result<int> half(int value) {
    if (value % 2 != 0) return fail(Errc::invalid, "odd", 7);
    return value / 2;
}

Result<int> quarter(int value) {
    WCMP_ASSIGN(const auto once, half(value));
    WCMP_ASSIGN(const auto twice, half(once));
    return twice;
}

Result<void> check_even(int value) {
    WCMP_TRY(half(value));
    return {};
}

Result<std::unique_ptr<int>> make(int value) {
    WCMP_TRY(check_even(value));
    return std::make_unique<int>(value);
}

TEST(Result, MacrosPassValuesAndErrorsOn) {
    EXPECT_EQ(quarter(12).value(), 3);
    for (const int odd : {13, 14}) {
        const auto error = quarter(odd).error();
        EXPECT_EQ(error.code, Errc::invalid);
        EXPECT_EQ(error.what, "odd");
        EXPECT_EQ(error.os_error, 7);
    }
    EXPECT_TRUE(check_even(2));
    EXPECT_EQ(check_even(3).error().code, Errc::invalid);
}

TEST(Result, MacrosMoveWhatCannotBeCopied) {
    const auto pass = [](int value) -> Result<std::unique_ptr<int>> {
        WCMP_ASSIGN(auto made, make(value));
        return made;
    };
    EXPECT_EQ(*pass(4).value(), 4);
    EXPECT_EQ(pass(5).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::core
