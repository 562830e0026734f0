// React 17.
import { render, unmountComponentAtNode } from 'react-dom';

export function mount(element, tree) {
  const root = { render: (tree) => render(tree, element), unmount: () => unmountComponentAtNode(element) };
  root.render(tree);
  return root;
}
