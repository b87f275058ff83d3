// Asks HAPI FHIR's DSTU2 instance validator about each task file of a folder, against the base definitions of DSTU2
// and the task profiles of profiles/gpconnect. Prints one JSON line per file: {"file", "accept", "errors": [...]}.
// Knows nothing of the gateway's own validator.
package referee;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CachingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.dstu2.model.ElementDefinition;
import org.hl7.fhir.dstu2.model.Reference;
import org.hl7.fhir.dstu2.model.StructureDefinition;
import org.hl7.fhir.dstu2.model.ValueSet;
import org.hl7.fhir.instance.model.api.IBaseResource;

public final class Referee {
  private static final String BASE = "http://hl7.org/fhir/StructureDefinition/";
  private static final String ORDER = "http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1";
  private static final String[] PROFILES = {
    "gpconnect-patient-1", "gpconnect-organization-1", "gpconnect-practitioner-1",
    "gpconnect-task-description-basic-1", "gpconnect-task-order-1"
  };
  private static final String[] VALUE_SETS = {"gpconnect-task-type-1", "gpconnect-task-narrative-1"};

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
  private static final String SET = "/set";

  private final FhirContext context = FhirContext.forDstu2Hl7Org();
  private final DefaultProfileValidationSupport base = new DefaultProfileValidationSupport(context);

  /** The profile with the snapshot that its differential leaves to tools: its base, with the changes laid over it. */
  private StructureDefinition withSnapshot(StructureDefinition profile) {
    StructureDefinition from = (StructureDefinition) base.fetchStructureDefinition(profile.getBase());
    List<ElementDefinition> elements = new ArrayList<>();
    for (ElementDefinition element : from.getSnapshot().getElement()) elements.add(element.copy());
    for (ElementDefinition change : profile.getDifferential().getElement()) {
      String path = change.getPath().replace("Order.reasonCodeableConcept", "Order.reason[x]");
      if (path.equals("Order.reasonReference")) continue; // said by the types of reason[x]
      lay(change, elements.get(find(elements, path)));
    }
    profile.getSnapshot().getElement().clear();
    profile.getSnapshot().getElement().addAll(elements);
    profile.setSnapshot(profile.getSnapshot());
    return profile;
  }

  /** Where the element of this path stands; what is inside a datatype is copied in from the datatype first. */
  private int find(List<ElementDefinition> elements, String path) {
    for (int at = 0; at < elements.size(); ++at) {
      if (elements.get(at).getPath().equals(path)) return at;
    }
    int parent = find(elements, path.substring(0, path.lastIndexOf('.')));
    String type = elements.get(parent).getType().get(0).getCode();
    StructureDefinition inside = (StructureDefinition) base.fetchStructureDefinition(BASE + type);
    List<ElementDefinition> copies = new ArrayList<>();
    for (ElementDefinition element : inside.getSnapshot().getElement()) {
      if (!element.getPath().contains(".")) continue;
      ElementDefinition copy = element.copy();
      copy.setPath(elements.get(parent).getPath() + element.getPath().substring(type.length()));
      copies.add(copy);
    }
    elements.addAll(parent + 1, copies);
    for (int at = parent; at < elements.size(); ++at) {
      if (elements.get(at).getPath().equals(path)) return at;
    }
    throw new IllegalStateException("no element " + path);
  }

  private static void lay(ElementDefinition change, ElementDefinition onto) {
    if (change.hasMin()) onto.setMin(change.getMin());
    if (change.hasMax()) onto.setMax(change.getMax());
    if (change.hasFixed()) onto.setFixed(change.getFixed());
    if (change.hasBinding()) {
      String set = ((Reference) change.getBinding().getValueSet()).getReference();
      onto.setBinding(change.getBinding().setValueSet(new Reference(set + SET)));
    }
    if (!change.hasType()) return;
    onto.getType().clear();
    onto.getType().addAll(change.getType());
  }

  /**
   * Answers for the task value sets. HAPI looks for code systems beside value sets, while DSTU2 has them inside; and
   * refuses a code system whose URL is a value set's, as GP Connect's are. So they go by another URL here.
   */
  private static final class TaskCodes implements IValidationSupport {
    private final FhirContext context;
    private final Map<String, ValueSet> sets = new HashMap<>();

    TaskCodes(FhirContext context) {
      this.context = context;
    }

    void add(ValueSet set) {
      set.setUrl(set.getUrl() + SET);
      sets.put(set.getUrl(), set);
    }

    @Override
    public FhirContext getFhirContext() {
      return context;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends IBaseResource> T fetchResource(Class<T> type, String url) {
      return type == null || type.isAssignableFrom(ValueSet.class) ? (T) sets.get(url) : null;
    }

    @Override
    public IBaseResource fetchValueSet(String url) {
      return sets.get(url);
    }

    @Override
    public boolean isValueSetSupported(ValidationSupportContext support, String url) {
      return sets.containsKey(url);
    }

    @Override
    public CodeValidationResult validateCodeInValueSet(ValidationSupportContext support,
        ConceptValidationOptions options, String system, String code, String display, IBaseResource asked) {
      String url = CommonCodeSystemsTerminologyService.getValueSetUrl(asked);
      if (!sets.containsKey(url)) return null;
      ValueSet.ValueSetCodeSystemComponent codes = sets.get(url).getCodeSystem();
      boolean ours = system == null || system.equals(codes.getSystem());
      boolean known = codes.getConcept().stream().anyMatch(concept -> concept.getCode().equals(code));
      if (ours && known) return new CodeValidationResult().setCode(code);
      return new CodeValidationResult().setSeverity(IssueSeverity.ERROR).setMessage("not among the codes of " + url);
    }
  }

  private FhirValidator validator(Path profiles) throws IOException {
    TaskCodes codes = new TaskCodes(context);
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(context);
    for (String name : VALUE_SETS) {
      String text = Files.readString(profiles.resolve("valuesets/" + name + ".json"));
      codes.add(context.newJsonParser().parseResource(ValueSet.class, text));
    }
    for (String name : PROFILES) {
      String text = Files.readString(profiles.resolve("gpconnect/" + name + ".json"));
      own.addStructureDefinition(withSnapshot(context.newJsonParser().parseResource(StructureDefinition.class, text)));
    }
    ValidationSupportChain chain = new ValidationSupportChain(codes, base, own,
        new CommonCodeSystemsTerminologyService(context), new InMemoryTerminologyServerValidationSupport(context));
    FhirInstanceValidator instance = new FhirInstanceValidator(new CachingValidationSupport(chain));
    instance.setAnyExtensionsAllowed(true);
    instance.setNoTerminologyChecks(false);
    FhirValidator validator = context.newValidator();
    validator.setValidateAgainstStandardSchema(false);
    validator.setValidateAgainstStandardSchematron(false);
    validator.registerValidatorModule(instance);
    return validator;
  }

  private static String judge(FhirValidator validator, Path file) {
    JsonObject line = new JsonObject();
    line.addProperty("file", file.getFileName().toString());
    JsonArray errors = new JsonArray();
    try {
      ValidationOptions options = new ValidationOptions().addProfile(ORDER);
      for (SingleValidationMessage said : validator.validateWithResult(Files.readString(file), options).getMessages()) {
        if (said.getSeverity() != ResultSeverityEnum.ERROR && said.getSeverity() != ResultSeverityEnum.FATAL) continue;
        errors.add(said.getLocationString() + ": " + said.getMessage());
      }
    } catch (Exception | Error e) {
      errors.add("EXCEPTION: " + e);
    }
    line.addProperty("accept", errors.size() == 0);
    line.add("errors", errors);
    return GSON.toJson(line);
  }

  /** Arguments: the folder of profiles, the folder of tasks. */
  public static void main(String[] arguments) throws Exception {
    FhirValidator validator = new Referee().validator(Path.of(arguments[0]));
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(arguments[1]))) {
      files = all.filter(path -> path.toString().endsWith(".json") || path.toString().endsWith(".xml")).sorted().toList();
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    files.parallelStream().map(file -> judge(validator, file)).forEachOrdered(out::println);
    out.flush();
  }
}
