await parts.default({ module_or_path: program });
parts.hydrate();
// In document order, so that an island comes before those among its children.
for (const island of document.querySelectorAll("leptos-island")) {
  const wake = parts[island.dataset.component];
  if (!wake) throw new Error("This page and its program are of two versions.");
  island.closest("leptos-children")?.$$on_hydrate?.();
  await wake(island);
}
