// React 18 and later.
import { createRoot } from 'react-dom/client';

export const mount = (element, tree) => createRoot(element).render(tree);
