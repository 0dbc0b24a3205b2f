"""Words of DSS: which commands, classes and properties reach the engine, and which never do."""

from __future__ import annotations

from functools import lru_cache

from sparewatt.inputs.network.dss_context import new_context

CIRCUIT = "circuit"

_FED = """
linecode: nphases r1 x1 r0 x0 c1 c0 units rmatrix xmatrix cmatrix basefreq normamps kron rg xg rho
  neutral b1 b0 like
linegeometry: nconds nphases cond wire x h units normamps reduce spacing wires cncable tscable cncables
  tscables like
wiredata: rdc rac runits gmrac gmrunits radius radunits normamps diam capradius like
linespacing: nconds nphases x h units like
cndata: k diastrand gmrstrand rstrand epsr inslayer diains diacable rdc rac runits gmrac gmrunits radius
  radunits normamps diam capradius like
tsdata: diashield tapelayer tapelap epsr inslayer diains diacable rdc rac runits gmrac gmrunits radius
  radunits normamps diam capradius like
xfmrcode: phases windings wdg conn kv kva tap %r rneut xneut conns kvs kvas taps xhl xht xlt xscarray
  %loadloss %noloadloss %imag %rs x12 x13 x23 like
line: bus1 bus2 linecode length phases r1 x1 r0 x0 c1 c0 rmatrix xmatrix cmatrix switch rg xg rho
  geometry units spacing wires earthmodel cncables tscables b1 b0 normamps basefreq enabled like
vsource: bus1 basekv pu angle frequency phases mvasc3 mvasc1 x1r1 x0r0 isc3 isc1 r1 x1 r0 x0 sequence
  bus2 z1 z0 z2 puz1 puz0 puz2 basemva basefreq enabled like
load: phases bus1 kv kw pf model conn kvar rneut xneut xfkva allocationfactor kva kwh kwhdays cfactor
  zipv enabled like
transformer: phases windings wdg bus conn kv kva tap %r rneut xneut buses conns kvs kvas taps xhl xht
  xlt xscarray %loadloss %noloadloss %imag %rs xfmrcode x12 x13 x23 leadlag basefreq enabled like
generator: phases bus1 kv kw pf kvar conn enabled like
pvsystem: phases bus1 kv conn enabled like
"""
FED: dict[str, tuple[str, ...]] = {
    kind: tuple(words.split())
    for kind, words in (line.split(":") for line in _FED.strip().replace("\n  ", " ").splitlines())
}
"""Properties by class that say what a network is; the others of these classes say how it is run."""

SKIPPED_CLASSES = frozenset({
    "loadshape", "tshape", "priceshape", "xycurve", "growthshape", "tcc_curve", "spectrum", "monitor",
    "energymeter", "sensor",
})  # fmt: skip
"""Classes that say nothing of a network."""

CONTROL_CLASSES = frozenset({
    "regcontrol", "capcontrol", "swtcontrol", "relay", "recloser", "fuse", "gendispatcher",
    "storagecontroller", "invcontrol", "expcontrol", "upfccontrol", "espvlcontrol", "storage",
    "dynamicexp",
})  # fmt: skip
"""Classes that are left out with a warning: the network is taken as it is drawn."""

NOT_MODELLED = frozenset({
    "capacitor", "reactor", "fault", "isource", "vccs", "upfc", "indmach012", "gicsource", "autotrans",
    "gicline", "gictransformer", "vsconverter",
})  # fmt: skip
"""Classes that would change the power flow, and that `Network` has no place for."""

_COMMANDS = """
new edit more m ~ select save show solve enable disable plot reset compile set dump open close //
redirect help quit ? next panel sample clear about calcvoltagebases setkvbase buildy get init export
fileedit voltages currents powers seqvoltages seqcurrents seqpowers losses phaselosses cktlosses
allocateloads formedit totals capacity classes userclasses zsc zsc10 zscrefresh ysc puvoltages varvalues
varnames buscoords makebuslist makeposseq reduce interpolate alignfile top rotate vdiff summary
distribute di_plot comparecases yearlycurves cd visualize closedi doscmd estimate reconductor _initsnap
_solvenocontrol _samplecontrols _docontrolactions _showcontrolqueue _solvedirect _solvepflow
addbusmarker uuids setloadandgenkv cvrtloadshapes nodediff rephase setbusxy updatestorage obfuscate
latlongcoords batchedit pstcalc variable reprocessbuses clearbusmarkers relcalc var cleanup
finishtimestep nodelist connect disconnect remove calcincmatrix calcincmatrix_o refine_buslevels
calclaplacian exportoverloads exportvviolations zsc012 allpceatbus allpdeatbus totalpowers giscoords
clearall comhelp newactor wait solveall abort clone shell
"""
COMMANDS = tuple(_COMMANDS.split())
"""Commands of OpenDSS in its own order, in which a shortened one means the first that begins so."""

MACHINE_COMMANDS = frozenset({
    "shell", "doscmd", "cd", "fileedit", "formedit", "panel", "quit", "connect", "disconnect", "variable",
    "top", "alignfile", "newactor", "visualize",
})  # fmt: skip
"""Commands that touch the machine: an error, nothing of it is carried out."""

WRITING_COMMANDS = frozenset({
    "save", "show", "export", "plot", "dump", "exportoverloads", "exportvviolations", "di_plot", "closedi",
    "comparecases", "yearlycurves", "uuids", "cvrtloadshapes", "obfuscate",
})  # fmt: skip
"""Commands that write files or draw: a warning, nothing of it is carried out."""

CHANGING_COMMANDS = frozenset({
    "select", "makeposseq", "reduce", "interpolate", "distribute", "reconductor", "setloadandgenkv",
    "rephase", "batchedit", "remove", "clone", "allocateloads", "estimate", "var", "rotate", "giscoords",
})  # fmt: skip
"""Commands that would change the network in a way that is not carried out here: an error."""

FED_OPTIONS = frozenset({"defaultbasefrequency", "basefrequency", "earthmodel"})
MACHINE_OPTIONS = frozenset(
    {"datapath", "editor", "registryupdate", "recorder", "dssvisualizationtool", "numcpus"}
)
CHANGING_OPTIONS = frozenset({"loadmult", "genmult", "zmag", "cktmodel", "allocationfactors", "cfactors"})
_OPTIONS = """
type element hour sec year frequency stepsize mode random number time class object circuit editor
tolerance maxiterations h loadmodel loadmult normvminpu normvmaxpu emergvminpu emergvmaxpu %mean %stddev
ldcurve %growth genkw genpf capkvar addtype allowduplicates zonelock ueweight lossweight ueregs lossregs
voltagebases algorithm trapezoidal autobuslist controlmode tracecontrol genmult defaultdaily
defaultyearly allocationfactors cktmodel pricesignal pricecurve terminal basefrequency harmonics
maxcontroliter bus datapath keeplist reduceoption demandinterval %normal diverbose casename markercode
nodewidth log recorder overloadreport voltexceptionreport cfactors showexport numallociterations
defaultbasefrequency markswitches switchmarkercode daisysize marktransformers transmarkercode
transmarkersize loadshapeclass earthmodel querylog markcapacitors markregulators markpvsystems
markstorage capmarkercode regmarkercode pvmarkercode storemarkercode capmarkersize regmarkersize
pvmarkersize storemarkersize neglectloady markfuses fusemarkercode fusemarkersize markreclosers
reclosermarkercode reclosermarkersize registryupdate markrelays relaymarkercode relaymarkersize
processtime totaltime steptime sampleenergymeters miniterations dssvisualizationtool keepload zmag
seasonrating seasonsignal linetypes eventlogdefault longlinecorrection showreports numcpus numcores
numactors activeactor cpu actorprogress parallel concatenatereports numanodes
"""
OPTIONS = tuple(_OPTIONS.split())

COUNTS = frozenset({"phases", "nphases", "windings", "wdg", "nconds", "cond", "neutral", "k"})
"""Properties that say how much memory an element takes."""

MOST = 40


def find_word(word: str, words: tuple[str, ...]) -> str | None:
    """The word itself, or the first that begins with it, as OpenDSS reads shortened words."""
    if word in words:
        return word
    return next((w for w in words if w.startswith(word)), None) if word else None


@lru_cache(maxsize=1)
def class_properties() -> dict[str, tuple[str, ...]]:
    """Properties by class of `FED`, lower case, in the engine's own order."""
    engine = new_context()
    engine.Text.Command("new circuit.words")
    found = {}
    for name in FED:
        engine.Text.Command(f"new {name}.words")
        found[name] = tuple(str(p).lower() for p in engine.Element.AllPropertyNames())
    return found
