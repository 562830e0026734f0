// React 18 and later.
import { createRoot } from 'react-dom/client';

export function mount(element, tree) {
  const root = createRoot(element);
  root.render(tree);
  return root;
}
