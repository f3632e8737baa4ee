// Nothing is fetched beforehand: only rules about films that play by themselves would need it, and none is serious.
const found = await axe.run(document, {resultTypes: ['violations'], preload: false});
return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 140)).join(' · '));
