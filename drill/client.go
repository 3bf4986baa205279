// Package drill plays people and portals against a running Jingban, through the
// same HTTP endpoints they use, and breaks things while it works. What it
// asserts is counted in the fake legacy system's own books and request log.
package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
)

// Client speaks the HTTP API the way a portal or a person's page does.
type Client struct {
	Base  string // "http://127.0.0.1:8080"
	Token string // of a portal, or of a session (see SignIn)
	http  http.Client
}

// Case is as much of a case as the player looks at.
type Case struct {
	ID        string             `json:"id"`
	Number    string             `json:"number"`
	State     casework.CaseState `json:"state"`
	Outcome   string             `json:"outcome"`
	Receipt   string             `json:"receipt"`
	Applicant casework.Person    `json:"applicant"` // masked
}

// Review is as much of a review as the player looks at.
type Review struct {
	ID     string `json:"id"`
	CaseID string `json:"case_id"`
	Role   string `json:"role"`
	Reason string `json:"reason"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// SignIn changes login and password into a token.
func (c *Client) SignIn(ctx context.Context, login, password string) error {
	var answer struct {
		Token string `json:"token"`
	}
	if err := c.Post(ctx, "/api/v1/sessions", map[string]string{"login": login, "password": password}, &answer); err != nil {
		return err
	}
	c.Token = answer.Token
	return nil
}

// Upload sends one file as a form would.
func (c *Client) Upload(ctx context.Context, caseID, slot, name string, data []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("slot", slot); err != nil {
		return err
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := part.Write(data); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, "/api/v1/cases/"+caseID+"/materials", form.FormDataContentType(), &body, nil)
}

// Post sends JSON and decodes the answer into answer, unless that is nil.
func (c *Client) Post(ctx context.Context, path string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, path, "application/json", bytes.NewReader(body), answer)
}

// Get fetches JSON.
func (c *Client) Get(ctx context.Context, path string, answer any) error {
	return c.do(ctx, http.MethodGet, path, "", nil, answer)
}

func (c *Client) do(ctx context.Context, method, path, kind string, body io.Reader, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", kind)
		request.Header.Set("Idempotency-Key", casework.NewID())
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 2000)) // only for the message
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, strings.TrimSpace(string(text)))
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("%s %s: answer: %w", method, path, err)
	}
	return nil
}

// BringIn sends one claim through the upload endpoints, as a portal does, and
// gives the case's id.
func (c *Client) BringIn(ctx context.Context, claim materials.Claim) (string, error) {
	id, err := c.Apply(ctx, claim)
	if err != nil {
		return "", err
	}
	return id, c.Submit(ctx, id)
}

// Apply makes the claim's case and uploads its files.
func (c *Client) Apply(ctx context.Context, claim materials.Claim) (string, error) {
	month, err := strconv.Atoi(claim.Month)
	if err != nil {
		return "", fmt.Errorf("claim %s: month: %w", claim.Name, err)
	}
	var made Case
	err = c.Post(ctx, "/api/v1/cases", map[string]any{
		"matter": "unemployment_claim", "region": "379900", "applicant": Applicant(claim), "month": month, "shared": claim.Shared,
	}, &made)
	if err != nil {
		return "", fmt.Errorf("claim %s: %w", claim.Name, err)
	}
	for _, file := range claim.Files {
		if err := c.Upload(ctx, made.ID, file.Slot, file.FileName, file.Data); err != nil {
			return "", fmt.Errorf("claim %s: %w", claim.Name, err)
		}
	}
	return made.ID, nil
}

// Submit closes the uploads of a case.
func (c *Client) Submit(ctx context.Context, id string) error {
	return c.Post(ctx, "/api/v1/cases/"+id+"/submit", struct{}{}, nil)
}

// Applicant is who the fictional claim is from.
func Applicant(claim materials.Claim) casework.Person {
	a := claim.Applicant
	return casework.Person{Name: a.Name, IDNumber: a.IDNumber, Mobile: a.Mobile, Account: a.Account, Address: a.Address}
}

// DecideAll gives the same answer to every open planned question of a role and
// says how many there were.
func (c *Client) DecideAll(ctx context.Context, role, choice string) (int, error) {
	var list Page[Review]
	if err := c.Get(ctx, "/api/v1/reviews?state=open&limit=100&role="+role, &list); err != nil {
		return 0, err
	}
	for _, review := range list.Items {
		if err := c.Post(ctx, "/api/v1/reviews/"+review.ID+"/decision", map[string]string{"choice": choice}, nil); err != nil {
			return 0, fmt.Errorf("decide on review %s: %w", review.ID, err)
		}
	}
	return len(list.Items), nil
}
