import { render } from 'preact';
import './style.css';
import { App } from './app.tsx';
import { enter } from './session.ts';

render(<App />, document.getElementById('console')!);
void enter();
