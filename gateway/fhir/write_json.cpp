// The tree as JSON: siblings of one name become an array, a primitive's children its `_name` twin. Recursion is bounded
// by the depth that the readers allow.
#include <algorithm>
#include <utility>

#include "fhir/escape.hpp"
#include "fhir/write.hpp"

namespace gw::fhir {
namespace {

void skip_digits(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
}

bool skip_some_digits(std::string_view& text) {
  const std::size_t before = text.size();
  skip_digits(text);
  return text.size() < before;
}

/// RFC 8259 section 6.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!skip_some_digits(text)) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_some_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_some_digits(text)) return false;
  }
  return text.empty();
}

class JsonWriter {
 public:
  explicit JsonWriter(const Shape& shape) : shape_(shape) {}

  void object(const Element& element) {
    out_ += '{';
    bool first = true;
    if (element.resource) {
      key("resourceType", first);
      append_json_string(out_, element.resource_type);
    }
    members(element, first);
    out_ += '}';
  }

  std::string take() { return std::move(out_); }

 private:
  /// Siblings of one name, which stand together: [begin, end).
  struct Run {
    const Element* begin;
    const Element* end;
    bool array;
    bool primitive = false;
    bool values = false;
    bool twins = false;
  };

  Run run_from(const Element* begin) {
    Run run{begin, begin, begin->in_array || shape_.repeats(*begin)};
    for (; run.end != nullptr && run.end->name == begin->name; run.end = run.end->next) {
      const Element& at = *run.end;
      run.values = run.values || at.has_value();
      run.twins = run.twins || at.first_child != nullptr;
    }
    run.array = run.array || run.end != begin->next;
    run.primitive = run.values || shape_.json_kind(*begin) != ValueKind::kNone;
    return run;
  }

  void members(const Element& element, bool& first) {
    for (const Element* at = element.first_child; at != nullptr;) {
      const Run run = run_from(at);
      at = run.end;
      const std::string name{run.begin->name};
      if (!run.primitive) {
        key(name, first);
        list(run, [this](const Element& item) { object(item); });
        continue;
      }
      if (run.values) {
        key(name, first);
        list(run, [this](const Element& item) { value(item); });
      }
      if (run.twins) {
        key("_" + name, first);
        list(run, [this](const Element& item) { twin(item); });
      }
    }
  }

  template <class Write>
  void list(const Run& run, Write write) {
    if (run.array) out_ += '[';
    for (const Element* at = run.begin; at != run.end; at = at->next) {
      if (at != run.begin) out_ += ',';
      write(*at);
    }
    if (run.array) out_ += ']';
  }

  void key(std::string_view name, bool& first) {
    if (!first) out_ += ',';
    first = false;
    append_json_string(out_, name);
    out_ += ':';
  }

  void value(const Element& element) {
    ValueKind kind = element.kind;
    if (kind == ValueKind::kXmlText) kind = shape_.json_kind(element);
    const bool is_boolean = element.value == "true" || element.value == "false";
    if (!element.has_value()) {
      out_ += "null";
    } else if ((kind == ValueKind::kNumber && is_json_number(element.value)) ||
               (kind == ValueKind::kBoolean && is_boolean)) {
      out_ += element.value;
    } else {
      append_json_string(out_, element.value);
    }
  }

  void twin(const Element& element) {
    if (element.first_child == nullptr) {
      out_ += "null";
      return;
    }
    out_ += '{';
    bool first = true;
    members(element, first);
    out_ += '}';
  }

  const Shape& shape_;
  std::string out_;
};

}  // namespace

std::string write_json(const Element& root, const Shape& shape) {
  JsonWriter writer{shape};
  writer.object(root);
  return writer.take();
}

}  // namespace gw::fhir
