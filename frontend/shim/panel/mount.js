// Mounts the WebAssembly panel in a React component and keeps it fed.
import { createElement, Fragment, useEffect, useRef, useState } from 'react';
import { Alert, useTheme2 } from '@grafana/ui';

import { bridge } from './bridge.js';
import { snapshot } from './snapshot.js';
import { explain, loadPanel } from './wasm.js';

export function PanelMount(props) {
  const theme = useTheme2();
  const root = useRef(null);
  const panel = useRef(null);
  const sent = useRef(null);
  const latest = useRef(null);
  const [problem, setProblem] = useState(null);
  // The first snapshot is taken after an await: it must show the newest properties, not those of the first render.
  latest.current = { props, theme };

  function taken() {
    const { props, theme } = latest.current;
    const parts = snapshot(props, theme, sent.current);
    sent.current = props.data.series;
    return parts;
  }

  useEffect(() => {
    let gone = false;
    loadPanel()
      .then((Panel) => {
        if (!gone) {
          sent.current = null;
          panel.current = new Panel(root.current, ...taken(), bridge(() => latest.current.props));
          setProblem(null);
        }
      })
      .catch((error) => gone || setProblem(explain(error)));
    return () => {
      gone = true;
      if (panel.current) {
        panel.current.destroy();
        panel.current.free();
        panel.current = null;
      }
    };
  }, []);

  useEffect(() => {
    if (panel.current) {
      try {
        panel.current.update(...taken());
      } catch (error) {
        setProblem('The panel stopped: ' + error.message + '. Reload the page; the browser console has the details.');
      }
    }
  });

  // React owns no node below the root: the error stands beside it.
  const { width, height } = props;
  const style = { width, height, overflow: 'auto', display: problem ? 'none' : 'block' };
  return createElement(
    Fragment,
    null,
    problem && createElement(Alert, { title: 'Leaklens', severity: 'error' }, problem),
    createElement('div', { ref: root, style })
  );
}
