/** Room 4: label a few images, train, correct, train on. */
import { useState } from 'preact/hooks';
import { useLoaded } from '../../hooks';
import { Notice } from '../../parts/notice';
import { Remove } from '../../parts/remove';
import { allProjects, at, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { DeskRoom } from './desk';
import { NewProject } from './new-project';

export function LabelRoom({ rest }: RoomProps) {
  const [name = ''] = rest;
  return name === '' ? <Projects /> : <DeskRoom key={name} address={name} />;
}

function Projects() {
  const { value, error, again } = useLoaded('projects', allProjects);
  const [making, setMaking] = useState(false);
  const none = value?.length === 0;
  return (
    <div class="room">
      <div class="room-head">
        <h1>Label and train</h1>
        <p class="quiet">Draw in a few images, train, and have the rest.</p>
      </div>
      {error && <Notice kind="error">{error}</Notice>}
      <div class="columns">
        <section class="panel" aria-label="Projects">
          <h2>Projects</h2>
          {none && <p class="quiet">None yet.</p>}
          <ul class="project-list">
            {value?.map((project) => (
              <li key={project.name}>
                <span class="row spread">
                  <a href={`#/label/${encodeURIComponent(project.name)}`}>{titleOf(project.name)}</a>
                  {at(project.name).facts.ownsFiles && (
                    <Remove
                      what={`the project ${titleOf(project.name)} with what was drawn`}
                      act={() => at(project.name).place.removeProject(at(project.name).name)}
                      onDone={again}
                    />
                  )}
                </span>
                <span class="small quiet">
                  {project.labelled} of {project.cases} labelled · {project.classes.slice(1).join(', ')}
                </span>
              </li>
            ))}
          </ul>
          {value && !none && !making && (
            <button type="button" onClick={() => setMaking(true)}>
              New project
            </button>
          )}
        </section>
        {(making || none) && (
          <NewProject
            onMade={(name) => {
              location.hash = `#/label/${encodeURIComponent(name)}`;
            }}
          />
        )}
      </div>
    </div>
  );
}
