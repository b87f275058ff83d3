// The element tree: what both wire formats are read into, what the validator walks and the writers write.
// Pure. Must not know sockets, storage or which resources a task is made of.
//
// FHIR's two formats describe one tree. A JSON array of n items is n siblings of the same name, as in XML. A primitive
// with its JSON twin `_name` is one element that has both a value and children (id, extension).
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>

namespace gw::fhir {

enum class Format : unsigned char { kJson, kXml };

/// How a value stood on the wire; JSON tells numbers, booleans and strings apart, XML has text only.
enum class ValueKind : unsigned char { kNone, kString, kNumber, kBoolean, kNull, kXhtml, kXmlText };

/// One element. Lives in its Document's arena; views borrow from the Document's bytes or arena.
struct Element {
  std::string_view name;   ///< "coding"; the resource type for a resource's root ("Order")
  std::string_view value;  ///< primitive: unescaped text; xhtml: the div's markup
  /// Where `resource` is set: its type ("Order"). A contained resource keeps the name "contained", so this tells what
  /// it is; the pseudo property resourceType is no child of its own.
  std::string_view resource_type;
  ValueKind kind = ValueKind::kNone;
  bool in_array = false;     ///< JSON: stood inside [ ]
  bool from_twin = false;    ///< JSON: what it holds beside a value stood under `_name`
  bool resource = false;     ///< a resource (document root, contained, Bundle.entry.resource)
  std::uint32_t index = 0;   ///< position among siblings of the same name
  std::uint32_t offset = 0;  ///< byte offset in the body of the name, or of the value inside an array
  Element* parent = nullptr;
  Element* first_child = nullptr;
  Element* last_child = nullptr;
  Element* next = nullptr;  ///< next sibling, in document order

  /// First child of this name, or null.
  [[nodiscard]] const Element* child(std::string_view child_name) const;
  /// Value of the first child of this name, or an empty view.
  [[nodiscard]] std::string_view child_value(std::string_view child_name) const;
  [[nodiscard]] bool has_value() const { return kind != ValueKind::kNone && kind != ValueKind::kNull; }
};

struct Position {
  std::uint32_t line = 0;    ///< from 1
  std::uint32_t column = 0;  ///< from 1, in bytes
};

/// A parsed body: owns its bytes, its arena and the tree. Move-only; elements stay put when it moves.
class Document {
 public:
  Document(std::string bytes, Format format);
  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
  ~Document() = default;

  [[nodiscard]] Format format() const { return format_; }
  /// The body exactly as it came.
  [[nodiscard]] const std::string& bytes() const { return *bytes_; }
  [[nodiscard]] const Element* root() const { return root_; }
  [[nodiscard]] Element* root() { return root_; }
  void set_root(Element* root) { root_ = root; }

  /// A new element in the arena, appended to `parent` (which may be null). `name` must outlive the document (a literal,
  /// or text given by keep). Its index is one more than that of the sibling before it, where that has the same name.
  Element* add(Element* parent, std::string_view name, std::uint32_t offset = 0);
  /// Copies text into the arena and gives a view that lives as long as the document.
  std::string_view keep(std::string_view text);
  [[nodiscard]] std::pmr::memory_resource* arena() { return arena_.get(); }

  /// Line and column of a byte of the body; computed on demand, as only faults need it.
  [[nodiscard]] Position position_of(std::uint32_t offset) const;

 private:
  std::unique_ptr<std::string> bytes_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_;
  Element* root_ = nullptr;
  Format format_;
};

/// Lines and columns of many places, asked for in the order of the body: all together cost one pass over it.
class Positions {
 public:
  /// `document` must outlive it.
  explicit Positions(const Document& document) : Positions(std::string_view{document.bytes()}) {}
  [[nodiscard]] Position at(std::uint32_t offset);

 private:
  explicit Positions(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
  std::size_t seen_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_ = 1;
};

/// Path as diagnostics write it: "Order.contained[0].code.coding[0].system". An index is given where the element may
/// repeat, which is known from `in_array` or from siblings of the same name. Cut, with "..." at its end, beyond 500
/// bytes: names are as long as a sender makes them.
[[nodiscard]] std::string path_of(const Element& element);

}  // namespace gw::fhir
