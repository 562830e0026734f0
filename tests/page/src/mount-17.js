// React 17.
import { render } from 'react-dom';

export const mount = (element, tree) => render(tree, element);
